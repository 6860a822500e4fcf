import { run, scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { loadPictureFolder, loadPictures } from "./picture_folder.ts";
import { experiment, program, writePictures } from "./run_command.ts";

Deno.test("loadPictureFolder() reads as torchvision.ImageFolder does", async () => {
  using folder = scratchFolder("pictures");
  await writePictures(folder.path);
  Deno.writeTextFileSync(join(folder.path, "red", "notes.txt"), "no picture");
  const all = await loadPictureFolder(folder.path, { size: 4 });
  assertEquals(all.classes, ["blue", "green", "red"]);
  assertEquals(all.images.shape, [60, 3, 4, 4]);
  assertEquals(all.images.dtype, "uint8");
  assertEquals(
    [...all.labels.data()],
    [0, 1, 2].flatMap((label) => Array(20).fill(label)),
  );
  // Sorted names, a folder's own before those of its folders: 0, 10, 12, ...
  const [, , blue] = all.images.select(0, 1).unbind(0);
  assertEquals(blue!.toArray(), Array(4).fill(Array(4).fill(210)));
  const some = await loadPictureFolder(folder.path, { size: 4, perClass: 2 });
  assertEquals([...some.labels.data()], [0, 0, 1, 1, 2, 2]);
});

Deno.test("a picture's middle is brought to size by means", async () => {
  using folder = scratchFolder("pictures");
  await writePictures(folder.path);
  const options = { size: 8, perClass: 1 };
  const { images } = await loadPictureFolder(folder.path, options);
  // Of blue/0.png, 10 x 8, green is 4 i % 90 at pixel i: the middle 8 x 8 of it.
  const green = images.select(0, 0).select(0, 1).toArray();
  const middle = Array.from(
    { length: 8 },
    (_, y) => Array.from({ length: 8 }, (_, x) => (4 * (10 * y + x + 1)) % 90),
  );
  assertEquals(green, middle);
  const half = await loadPictureFolder(folder.path, { size: 4, perClass: 1 });
  const mean = Math.floor(
    (middle[0]![0]! + middle[0]![1]! + middle[1]![0]! + middle[1]![1]!) / 4 +
      0.5,
  );
  assertEquals(half.images.data()[16], mean); // green's first
});

Deno.test("loadPictures() takes train and test, or splits each class", async () => {
  using folder = scratchFolder("pictures");
  const { path } = folder;
  await writePictures(path);
  const options = { size: 4, testShare: 0.25, seed: 0 };
  const [train, test] = await loadPictures(path, options);
  const counts = ({ labels }: typeof train) =>
    [0, 1, 2].map((c) => labels.eq(c).to("int32").sum().item());
  assertEquals(counts(train), [15, 15, 15]);
  assertEquals(counts(test), [5, 5, 5]);
  using parts = scratchFolder("pictures");
  await writePictures(join(parts.path, "train"));
  await writePictures(join(parts.path, "val"));
  Deno.removeSync(join(parts.path, "val", "red", "0.png"));
  const [first, second] = await loadPictures(parts.path, options);
  assertEquals([first.length, second.length], [60, 59]);
});

Deno.test("image_folder learns colours, and leaves pictures", async () => {
  const line = "image_folder --epochs 8 --width 4 --size 8 --batch-size 8";
  const { parts, files } = await experiment(line, writePictures);
  assert(parts[""]!.bestAccuracy! >= 0.9);
  for (const name of ["confusion.svg", "filters.svg", "model.safetensors"]) {
    assert(files.includes(name), name);
  }
});

Deno.test("what is missing or broken is named in a sentence", async () => {
  using folder = scratchFolder("pictures");
  const { path } = folder;
  const options = { size: 8 };
  await assertRejects(
    () => loadPictureFolder(path, options),
    Error,
    `${path} has no classes: it should have a subfolder with pictures`,
  );
  await writePictures(path);
  Deno.mkdirSync(join(path, "empty"));
  await assertRejects(
    () => loadPictureFolder(path, options),
    Error,
    `${join(path, "empty")} has no pictures: those of a class end in .jpg,`,
  );
  Deno.removeSync(join(path, "empty"));
  const broken = join(path, "red", "more", "3.png");
  Deno.truncateSync(broken, 60);
  const command = (...args: string[]) =>
    run("deno", program(path, "image_folder", ...args));
  const out = ["--out", join(path, "run")];
  const { code, stderr } = await command("--data", path, ...out);
  assertEquals(code, 1);
  assertMatch(stderr, /^error: [^\n]+\n$/);
  assertStringIncludes(stderr, `${broken} is a broken PNG picture`);
  const without = await command(...out);
  assertMatch(
    without.stderr,
    /^error: image_folder needs --data FOLDER: .*\n$/,
  );
});
