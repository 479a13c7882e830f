import { momentsProjection } from './past/past-projection.ts'
import { statusProjection } from './status/status-projection.ts'

/** Every read model that is kept from the log: each has generations, a checkpoint and a projector of its own. */
export const projections = [statusProjection, momentsProjection] as const
