import { eventually } from '../packages/test-kit/src/eventually.ts'
import { readFileSync } from 'node:fs'
import { dataFolder, processesOf, processOf, start, startReady } from './start/running.ts'
for (let i = 0; i < 5; i++) {
const after: (() => unknown)[] = []
const t = { after: (f: () => unknown) => after.push(f) }
const d = dataFolder(t)
const first = start(d)
await eventually(() => first.said().includes('Recording the portfolio'), { within: 30_000 })
const l = processOf(d, 'scripts/start.mjs') ?? 0
process.kill(l, 'SIGKILL')
const t0 = Date.now()
try { await startReady(d); console.log('ok') } catch (e) { console.log(l, Date.now()-t0, String(e).slice(0,200), readFileSync(d+'/in-use-by','utf8'), readFileSync(`/proc/${l}/stat`,'latin1').slice(0,60), first.said().slice(-300)) }
for (const f of after) f()
}
