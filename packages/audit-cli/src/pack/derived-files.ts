import { evidenceOf, type PackContent, statusIn } from './content.ts'
import { packPage } from './page.ts'

/** The derived files of a pack. A check of the pack makes them again and compares, so that none can differ. */
export function derivedFiles(content: PackContent): Map<string, Buffer> {
  const { about, events } = content
  const [evidence, status] = [evidenceOf(events), statusIn(events, about)]
  return new Map([
    ['about.json', jsonFile(about)],
    ['evidence.json', jsonFile(evidence)],
    ['status.json', jsonFile(status)],
    ['index.html', packPage({ ...content, evidence, status })],
  ])
}

function jsonFile(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}
