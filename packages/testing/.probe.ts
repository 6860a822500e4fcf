import { memoryStats, noGrad, randn } from "@fdunn/tensor";
const w = randn([1024], { requiresGrad: true });
const large = randn([1024, 1024]);
for (let i = 0; i < 150; i++) {
  noGrad(() => large.mul(w).add(1).sigmoid().square().mean().item());
  const s = memoryStats();
  if (i % 10 === 0) console.log(i, s.liveBytes >> 20, s.wasmBytes >> 20, s.budgetBytes >> 20, "evicted", s.evictedBytes / 2 ** 20, "restored", s.restoredBytes / 2 ** 20, Deno.memoryUsage().rss >> 20, Deno.memoryUsage().external >> 20);
}
