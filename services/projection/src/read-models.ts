import { momentsProjection } from './past/past-projection.ts'
import { statusProjection } from './status/status-projection.ts'

/** Every read model. Each has its own generations, checkpoint and projector. */
export const projections = [statusProjection, momentsProjection] as const
