export { type Exported, type ExportOptions, exportLog } from './export/export.ts'
export { CannotCheck, type Check, exitCodes, type Finding, type Outcome, type Verdict } from './verdict.ts'
export type { Progress, VerifyOptions } from './verify/options.ts'
export { verify } from './verify/verify.ts'
