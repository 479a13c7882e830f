import type {
  AppendJob,
  AppendResult,
  BesideJob,
  BesideResult,
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
export const runCrowd = (job: Omit<CrowdJob, 'kind'>) => runJob<CrowdResult>(generator, { ...job, kind: 'crowd' })
