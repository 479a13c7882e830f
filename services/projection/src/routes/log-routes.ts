import type { RouteDefinition } from '@commitments/http-kit'
import type { Service } from '../service.ts'
import { auditFileRoutes } from './audit-files.ts'
import { readCheckpointRoute, readVerifierKeyRoute } from './checkpoint.ts'
import { listForksRoute } from './forks.ts'
import { findLogRoute } from './log-prefix.ts'
import { proveConsistencyRoute, proveInclusionRoute, readOfflineProofRoute } from './proofs.ts'
import { readEntriesRoute, readTileRoute } from './tiles.ts'

/** All routes of the transparency log. */
export function logRoutes(service: Service): RouteDefinition[] {
  return [
    findLogRoute(service),
    readCheckpointRoute(service),
    readVerifierKeyRoute(service),
    readTileRoute(service),
    readEntriesRoute(service),
    proveInclusionRoute(service),
    proveConsistencyRoute(service),
    readOfflineProofRoute(service),
    listForksRoute(service),
    ...auditFileRoutes(service),
  ]
}
