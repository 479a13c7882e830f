/** Which of some proposals can be published. */
import { inSlices } from '@commitments/http-kit'
import { type Failure, failuresOf, type Publication } from '@commitments/iati'
import type { LRUCache } from 'lru-cache'
import type { CourseAt } from './read-courses.ts'

export interface Judged extends CourseAt {
  /** The rules that it fails; none, if it can be published. */
  readonly failures: readonly Failure[]
}

interface Judging {
  readonly publication: Publication
  /** The verdicts are kept here: what is related to a proposal is judged as well. */
  readonly known: { readonly published: LRUCache<string, boolean> }
}

export async function judgeCourses({ publication, known }: Judging, courses: readonly CourseAt[]): Promise<Judged[]> {
  const judged = await inSlices(courses, (one) => ({ ...one, failures: failuresOf(one.course, publication) }))
  for (const { proposalId, failures } of judged) known.published.set(proposalId, failures.length === 0)
  return judged
}
