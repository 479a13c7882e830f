import { readShell } from '../shell.ts'
import { say } from '../texts/reader.ts'
import { hrefOf, query } from '../url/location.ts'
import { isPast } from '../url/moment.ts'

/** Leads to the form for a new proposal, where the board knows who records. The past takes no events. */
export function NewProposalLink({ class: name }: { readonly class?: string }) {
  if (readShell().commandUrl === null || isPast(query.value)) return null
  return (
    <a class={name} href={hrefOf({ name: 'record' })}>
      {say.value.record.proposal}
    </a>
  )
}
