/** Compiles the given folder in a fresh process, `--again N` more times in the same one, and prints milliseconds as JSON. */
import { compile } from '../../packages/source/delivery/src/index.ts'

const [root = '.', times = '0'] = process.argv.slice(2)
const walls: number[] = []
for (let round = 0; round <= Number(times); round += 1) {
  const startedAt = performance.now()
  await compile({ root })
  walls.push(performance.now() - startedAt)
  // What was just written is trusted only after its timestamp has settled.
  if (round === 0 && Number(times) > 0) await new Promise((resolve) => setTimeout(resolve, 2_500))
}
console.log(JSON.stringify(walls))
