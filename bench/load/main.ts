import { append } from './append.ts'
import { downloadCopy, downloadFeed } from './feed.ts'
import type { Job } from './jobs.ts'
import { measureLag } from './lag.ts'
import { read } from './read.ts'

const runs: { [Kind in Job['kind']]: (job: Extract<Job, { kind: Kind }>) => Promise<unknown> } = {
  append,
  read,
  lag: measureLag,
  feed: downloadFeed,
  copy: downloadCopy,
}

process.once('message', (job: Job) => {
  const run = runs[job.kind] as (job: Job) => Promise<unknown>
  void run(job).then((result) => process.send?.(result))
})
