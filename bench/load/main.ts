// The load generator: a separate process that does one job and returns its result.
import { doJob } from '../lib/job.ts'
import { append } from './append.ts'
import { measureBeside } from './beside.ts'
import { bulk } from './bulk.ts'
import { readAsCrowd } from './crowd.ts'
import { downloadCopy, downloadFeed, downloadFile } from './feed.ts'
import type { Job } from './jobs.ts'
import { measureLag } from './lag.ts'
import { read } from './read.ts'
import { repeatWrite } from './repeat.ts'

const runs: { [Kind in Job['kind']]: (job: Extract<Job, { kind: Kind }>) => Promise<unknown> } = {
  append,
  read,
  lag: measureLag,
  feed: downloadFeed,
  file: downloadFile,
  copy: downloadCopy,
  beside: measureBeside,
  crowd: readAsCrowd,
  bulk,
  repeat: repeatWrite,
}

doJob((job: Job) => (runs[job.kind] as (job: Job) => Promise<unknown>)(job))
