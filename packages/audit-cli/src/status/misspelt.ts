import { ProposalId } from '@commitments/domain'
import { CannotCheck } from '../verdict.ts'

/** @throws CannotCheck if no proposal can have that id */
export function assertProposalId(proposalId: string): void {
  if (!ProposalId.safeParse(proposalId).success)
    throw new CannotCheck(
      `${JSON.stringify(proposalId)} is no id of a proposal: those are 1 to 80 small letters, digits and hyphens`,
    )
}

/** Says that the log has no proposal with that id, and names the most similar ids. Half a sentence, after "because". */
export function unknownProposal(proposalId: string, known: Iterable<string>): string {
  const near = [...known]
    .map((id) => ({ id, far: distance(proposalId, id) }))
    .filter(({ far }) => far <= mostLetters)
    .toSorted((a, b) => a.far - b.far || (a.id < b.id ? -1 : 1))
    .slice(0, 3)
    .map(({ id }) => id)
  const hint = near.length > 0 ? `. Ids like it: ${near.join(', ')}` : ''
  return `the log knows no proposal ${proposalId}${hint}`
}

/** The most letters by which a misspelt id may differ from the intended one. */
const mostLetters = 2

/** Letters to change, add or remove (Levenshtein); stops counting above the limit. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > mostLetters) return mostLetters + 1
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of one.split('').entries()) {
    const next = [at + 1]
    for (const [place, its] of other.split('').entries())
      next.push(
        Math.min(
          (row[place] as number) + Number(letter !== its),
          (row[place + 1] as number) + 1,
          (next[place] as number) + 1,
        ),
      )
    row = next
  }
  return row.at(-1) as number
}
