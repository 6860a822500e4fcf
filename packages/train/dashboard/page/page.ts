/** The page: shows what the feed tells, and sends what the buttons ask for. */

import "uplot/dist/uPlot.min.css";
import "./page.css";

import type {
  Command,
  Distribution,
  Figure,
  Happening,
  Message,
  ParameterStatistics,
  Points,
  Prediction,
  RunView,
  Snapshot,
  Status,
} from "../feed.ts";
import { Charts } from "./charts.ts";

function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const charts = new Charts(element("charts"));
let snapshot: Snapshot | null = null;
const hidden = new Set<RunView>();
/** Whether a learning rate was typed and is not sent yet: it is left alone. */
let typed = false;
/** What a page of none, one or more runs says that are not live. */
const WITHOUT_STATUS = ["waiting", "finished run", "comparison"];

const events = new EventSource("events");
events.onmessage = (event) => receive(JSON.parse(event.data) as Message);
events.onerror = () => {
  // A training that is over takes its server along: how it ended stays.
  if (isOver(snapshot?.status)) events.close();
  else showState("disconnected", "disconnected");
};

function receive(message: Message): void {
  if (message.kind === "snapshot") return showAll(message.snapshot);
  if (snapshot === null) return;
  const { points, status, statistics, predictions, happenings } = message.news;
  if (points !== undefined) {
    for (const it of points) addPoints(snapshot.runs.at(-1)!, it);
    showCharts();
  }
  if (status !== undefined) {
    snapshot.status = status;
    showStatus(status);
  }
  if (statistics !== undefined) showStatistics(statistics);
  if (predictions !== undefined) showPredictions(predictions);
  for (const happening of happenings ?? []) showHappening(happening);
}

function addPoints(run: RunView, { along, x, values }: Points): void {
  for (const [name, y] of Object.entries(values)) {
    let curve = run.curves.find((it) => it.name === name && it.along === along);
    if (curve === undefined) {
      curve = { name, along, x: [], y: [] };
      run.curves.push(curve);
    }
    curve.x.push(x);
    curve.y.push(y);
  }
}

function showAll(all: Snapshot): void {
  snapshot = all;
  hidden.clear();
  element("name").textContent = all.title;
  document.title = `${all.title} - fdunn`;
  showRuns(all.runs);
  showCharts();
  showStatistics(all.statistics);
  showPredictions(all.predictions);
  element("happenings").replaceChildren();
  for (const happening of all.happenings) showHappening(happening);
  showSettings(all.runs);
  if (all.status !== null) showStatus(all.status);
  else showState(WITHOUT_STATUS[Math.min(2, all.runs.length)]!, "");
}

function showCharts(): void {
  charts.show(snapshot!.runs.filter((run) => !hidden.has(run)));
}

/** A box to tick for each of several runs. */
function showRuns(runs: readonly RunView[]): void {
  const nav = element("runs");
  nav.hidden = runs.length < 2;
  nav.replaceChildren(...runs.map((run) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(run);
      else hidden.add(run);
      showCharts();
    });
    label.append(box, ` ${run.name}`);
    return label;
  }));
}

function showState(text: string, kind: string): void {
  const state = element("state");
  state.textContent = text;
  state.className = `state ${kind}`;
}

function showStatus(status: Status): void {
  const { state, message, epoch, lastEpoch, step, stepsPerEpoch } = status;
  showState(state, state);
  const over = isOver(status);
  element("controls").hidden = false;
  for (const id of ["pause", "stop", "rate", "set-rate"]) {
    element<HTMLButtonElement>(id).disabled = over;
  }
  element("pause").textContent = state === "paused" ? "Resume" : "Pause";
  const rate = element<HTMLInputElement>("rate");
  if (!typed && document.activeElement !== rate) {
    rate.value = String(status.learningRates[0] ?? "");
  }
  element("progress").hidden = false;
  const part = stepsPerEpoch === null ? 0 : step / stepsPerEpoch;
  element<HTMLProgressElement>("bar").value = Math.max(0, epoch - 1 + part) /
    Math.max(1, lastEpoch);
  const steps = stepsPerEpoch === null ? `${step}` : `${step} of ${stepsPerEpoch}`;
  const numbers: [string, string][] = [
    ["epoch", `${epoch} of ${lastEpoch}`],
    ["batch", steps],
    ["batches a second", shortened(status.itPerSecond)],
    ["time", duration(status.seconds)],
    ["batch loss", shortened(status.batchLoss)],
    ["learning rate", status.learningRates.map(shortened).join(", ")],
  ];
  element("numbers").replaceChildren(...numbers.map(([term, value]) => {
    const pair = document.createElement("div");
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = value;
    pair.append(dt, dd);
    return pair;
  }));
  const failure = element("message");
  failure.hidden = message === null;
  failure.textContent = message;
}

function isOver(status: Status | null | undefined): boolean {
  if (!status) return false;
  return status.state !== "running" && status.state !== "paused";
}

function showPredictions(predictions: readonly Prediction[]): void {
  element("predictions").hidden = predictions.length === 0;
  element("samples").replaceChildren(...predictions.map((it) => {
    const box = document.createElement("div");
    const wrong = it.target !== null && it.target !== it.predicted;
    if (it.picture !== null) {
      const picture = document.createElement("img");
      picture.src = it.picture;
      picture.alt = it.text;
      box.append(picture);
    } else box.append(paragraph(it.text));
    const sure = it.probability === null
      ? ""
      : ` (${(100 * it.probability).toFixed(0)} %)`;
    box.append(paragraph(`${it.predicted}${sure}`, wrong ? "failure" : ""));
    if (wrong) box.append(paragraph(`is ${it.target}`));
    return box;
  }));
}

function paragraph(text: string, kind = ""): HTMLElement {
  const p = document.createElement("p");
  p.textContent = text;
  p.className = kind;
  return p;
}

function showStatistics(statistics: readonly ParameterStatistics[]): void {
  element("statistics").hidden = statistics.length === 0;
  element("parameters").replaceChildren(...statistics.map((it) => {
    const row = document.createElement("tr");
    row.append(cell(it.name), cell(it.shape.join(" x ")));
    for (const numbers of [it.weights, it.gradient]) {
      row.append(
        cell(shortened(numbers?.mean ?? null)),
        cell(shortened(numbers?.std ?? null)),
        cell(shortened(numbers?.norm ?? null)),
        counted(numbers),
      );
    }
    return row;
  }));
}

function cell(text: string): HTMLElement {
  const td = document.createElement("td");
  td.textContent = text;
  return td;
}

/** A small histogram. */
function counted(numbers: Distribution | null): HTMLElement {
  const td = document.createElement("td");
  if (numbers === null) return td;
  const { counts, min, max } = numbers;
  const most = Math.max(1, ...counts);
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "counts");
  svg.setAttribute("viewBox", `0 0 ${counts.length} 1`);
  svg.setAttribute("preserveAspectRatio", "none");
  counts.forEach((count, i) => {
    const bar = document.createElementNS(space, "rect");
    bar.setAttribute("x", String(i));
    bar.setAttribute("y", String(1 - count / most));
    bar.setAttribute("width", "0.9");
    bar.setAttribute("height", String(count / most));
    svg.append(bar);
  });
  const title = document.createElementNS(space, "title");
  title.textContent = `${shortened(min)} to ${shortened(max)}`;
  svg.append(title);
  td.append(svg);
  return td;
}

function showHappening({ time, text }: Happening): void {
  element("events").hidden = false;
  const item = document.createElement("li");
  const when = document.createElement("time");
  when.textContent = new Date(time).toLocaleTimeString();
  item.append(when, text);
  element("happenings").prepend(item);
}

/** What the runs were started with, a column each. */
function showSettings(runs: readonly RunView[]): void {
  const flat = runs.map(({ config }) => flattened(config));
  const names = [...new Set(flat.flatMap((config) => [...config.keys()]))];
  element("settings").hidden = names.length === 0;
  const rows = names.map((name) => {
    const row = document.createElement("tr");
    row.append(cell(name), ...flat.map((config) => cell(config.get(name) ?? "")));
    return row;
  });
  if (runs.length > 1) {
    const head = document.createElement("tr");
    head.append(cell(""), ...runs.map(({ name }) => cell(name)));
    rows.unshift(head);
  }
  element("configs").replaceChildren(...rows);
}

/** Nested objects by dotted names. */
function flattened(
  config: Readonly<Record<string, unknown>>,
  prefix = "",
  into: Map<string, string> = new Map(),
): Map<string, string> {
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      flattened(value as Record<string, unknown>, `${prefix}${name}.`, into);
    } else into.set(prefix + name, text(value));
  }
  return into;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/** A number in few characters. */
function shortened(value: Figure): string {
  return value === null ? "–" : String(Number(value.toPrecision(4)));
}

function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

async function ask(command: Command): Promise<void> {
  const answer = await fetch("command", {
    method: "POST",
    body: JSON.stringify(command),
  });
  if (!answer.ok) {
    showHappening({ time: Date.now(), text: await answer.text() });
  }
}

element("pause").addEventListener("click", () =>
  ask({ kind: snapshot?.status?.state === "paused" ? "resume" : "pause" }));
element("stop").addEventListener("click", () => ask({ kind: "stop" }));
element("set-rate").addEventListener("click", setRate);
element("rate").addEventListener("input", () => typed = true);
element("rate").addEventListener("keydown", ({ key }) => {
  if (key === "Enter") setRate();
});

function setRate(): void {
  typed = false;
  const { value } = element<HTMLInputElement>("rate");
  // Nothing is no zero.
  const rate = value.trim() === "" ? NaN : Number(value);
  if (rate >= 0 && rate < Infinity) ask({ kind: "learningRate", value: rate });
  else {
    const text = "A learning rate is a number of at least 0, such as 0.01";
    showHappening({ time: Date.now(), text });
  }
}
