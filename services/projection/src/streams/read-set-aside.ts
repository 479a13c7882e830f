/** Events that were set aside, for all code that reads streams (projections/set-aside.ts). */

import { type Queryable } from '@commitments/event-store'
import { type ProjectionName } from '../projection-names.ts'
import { isErasure, type LogLine, setAside } from './log-line.ts'

/** Positions by proposal; usually there are none. */
export async function readSetAside(
  client: Queryable,
  projection: ProjectionName,
): Promise<ReadonlyMap<string, number>> {
  const text = 'SELECT proposal_id, position FROM set_aside WHERE projection = $1'
  const { rows } = await client.query<{ proposal_id: string; position: number }>({ text, values: [projection] })
  return new Map(rows.map(({ proposal_id, position }) => [proposal_id, position]))
}

/** The line; without its bytes if it is set aside; nothing if it comes after one that is, unless it records an erasure. */
export function cutAt(line: LogLine, aside: ReadonlyMap<string, number>): LogLine[] {
  const position = aside.get(line.proposalId)
  if (position === undefined || line.position < position) return [line]
  if (line.position === position) return [{ ...line, line: setAside }]
  return isErasure(line) ? [line] : []
}
