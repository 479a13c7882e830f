import type {
  AppendJob,
  AppendResult,
  BesideJob,
  BesideResult,
  BulkJob,
  BulkResult,
  CopyJob,
  CrowdJob,
  CrowdResult,
  DownloadResult,
  FeedJob,
  FileJob,
  FileResult,
  LagJob,
  LagResult,
  ReadJob,
  ReadResult,
  RepeatJob,
} from '../load/jobs.ts'
import { benchFile, runJob } from './processes.ts'

const generator = benchFile('load/main.ts')

/** Each of these runs one load in a separate process, so that generating it uses a processor but no time of the server under test. */
export const runAppends = (job: Omit<AppendJob, 'kind'>) => runJob<AppendResult>(generator, { ...job, kind: 'append' })
export const runReads = (job: Omit<ReadJob, 'kind'>) => runJob<ReadResult>(generator, { ...job, kind: 'read' })
export const runLag = (job: Omit<LagJob, 'kind'>) => runJob<LagResult>(generator, { ...job, kind: 'lag' })
export const runFeed = (job: Omit<FeedJob, 'kind'>) => runJob<DownloadResult>(generator, { ...job, kind: 'feed' })
export const runFile = (job: Omit<FileJob, 'kind'>) => runJob<FileResult>(generator, { ...job, kind: 'file' })
export const runCopy = (job: Omit<CopyJob, 'kind'>) => runJob<DownloadResult>(generator, { ...job, kind: 'copy' })
export const runBeside = (job: Omit<BesideJob, 'kind'>) => runJob<BesideResult>(generator, { ...job, kind: 'beside' })
export const runBulk = (job: Omit<BulkJob, 'kind'>) => runJob<BulkResult>(generator, { ...job, kind: 'bulk' })
export const runRepeat = (job: Omit<RepeatJob, 'kind'>) => runJob<number>(generator, { ...job, kind: 'repeat' })
export const runCrowd = (job: Omit<CrowdJob, 'kind'>) => runJob<CrowdResult>(generator, { ...job, kind: 'crowd' })
