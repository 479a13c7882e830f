/**
 * What commands do with the read models, outside of the services. It is a separate entry because it needs neither HTTP nor Kysely, and
 * loading those was a third of the start of a rebuild (docs/decisions/0013-rebuild-in-two-threads.md).
 */

export { type ProjectionConfig, readConfig } from './config.ts'
export { type ProjectionName, projectionNames } from './projection-names.ts'
export type { Finding } from './projections/check/findings.ts'
export { type Projection } from './projections/projection.ts'
export { type ProgressReport } from './projections/rebuild/progress.ts'
export { type RebuildOptions, type RebuildOutcome, rebuild, rollBack } from './projections/rebuild/rebuild.ts'
export { rulesOf } from './projections/rules.ts'
export { projections } from './read-models.ts'
export { checkReplay, type ReplayReport } from './replay-check/check-replay.ts'
export { remakeTree } from './transparency/build.ts'
export { compareTree, type TreeReport } from './transparency/compare-tree.ts'
