/** Links to the sections that this proposal has. */
import { say } from '../texts/reader.ts'
import { hasCourse } from './course.tsx'
import type { Status } from './status.ts'

export function SectionLinks({ status }: { readonly status: Status }) {
  const words = say.value.proposal.sections
  const { milestones, agreement, agenda, links, related, parent } = status
  const linked =
    links.length + (related?.childrenTotal ?? 0) + (related?.linkedFromTotal ?? 0) + (parent === null ? 0 : 1)
  const there = {
    timeline: true,
    money: true,
    milestones: milestones.length > 0,
    agreement: agreement !== null || agenda !== null,
    course: hasCourse(status),
    parties: true,
    links: linked > 0,
    evidence: true,
    fields: true,
    map: true,
    proof: true,
  }
  const names = Object.keys(there) as (keyof typeof there)[]
  return (
    <nav class="section-links" aria-label={say.value.proposal.sectionsLabel}>
      {names
        .filter((name) => there[name])
        .map((name) => (
          <a key={name} href={`#${name}`}>
            {words[name]}
          </a>
        ))}
    </nav>
  )
}
