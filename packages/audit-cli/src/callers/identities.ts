import { idOfOrigin } from '../log/identity.ts'
import { declaredRestores } from '../log/restores.ts'
import type { Service } from '../source/service.ts'

/** Under which Log-Ids events of a log can have been signed by their callers. */
export interface Identities {
  /** Its Log-Id; null if it names none. */
  readonly now: string | null
  /** Those that it had before restores that were accepted. */
  readonly former: readonly string[]
  /** Whether the service was asked for all of them: then another one is certainly foreign. */
  readonly areAllKnown: boolean
}

interface Sources {
  /** Of the checkpoint that the events are under, and what the service calls its log. */
  readonly origin: string | undefined
  readonly logId: string | null
  readonly given: readonly string[]
  readonly service: Service | null
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** @throws CannotCheck if the service does not answer */
export async function identitiesOf({ origin, logId, given, service }: Sources): Promise<Identities> {
  const named = idOfOrigin(origin ?? null)
  const now = named !== null && uuid.test(named) ? named : logId
  const restores = service ? await declaredRestores(service) : null
  const declared = restores?.map(({ oldLogId }) => oldLogId) ?? []
  return { now, former: [...given, ...declared], areAllKnown: restores !== null }
}
