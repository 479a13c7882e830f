import { dayOf, PartyRenaming, type Proposal, Status, statusOf } from '@commitments/domain'
import { z } from 'zod'

const StatusThen = Status.omit({ position: true, lastEventAt: true })
  .extend({ renamings: z.array(PartyRenaming.omit({ position: true })) })
  .meta({
    id: 'StatusThen',
    description:
      'The status as it would be, without what only recording gives (`position`, `lastEventAt`, the positions of `renamings`). Days and times of recording in it are those of this answer.',
  })

/** What a dry run says of the status. */
export const StatusIfReadable = StatusThen.optional().meta({
  description: 'Absent if reading needs a key, and yours does not have the scope `read`.',
})

/** The status that a dry run shows of a proposal. `now` is when it was found, in the form of `recordedAt`. */
export function statusThen(proposal: Proposal, now: string, timeZone: string): z.input<typeof StatusThen> {
  const { position: _, lastEventAt: __, ...status } = statusOf(proposal, dayOf(Date.parse(now), timeZone), timeZone)
  return { ...status, renamings: status.renamings.map(({ position: _position, ...renaming }) => renaming) }
}
