/**
 * What commands do to the read models, beside the services. It is an entry of its own because it needs neither HTTP nor Kysely, and loading
 * those was a third of the start of a rebuild (docs/decisions/0013-rebuild-in-two-threads.md).
 */
export { type ProjectionConfig, readConfig } from './config.ts'
export { projections } from './projections.ts'
export { type Projection, type ProjectionName, projectionNames } from './projector/projection.ts'
export { rulesOf } from './projector/rules.ts'
export { type ProgressReport } from './rebuild/progress.ts'
export { type RebuildOptions, type RebuildOutcome, rebuild, rollBack } from './rebuild/rebuild.ts'
export { checkReplay, type Finding, type ReplayReport } from './replay-check/check.ts'
export { remakeTree } from './transparency/build.ts'
export { compareTree, type TreeReport } from './transparency/compare.ts'
