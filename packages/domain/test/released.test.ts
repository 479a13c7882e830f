import { readdirSync, readFileSync } from 'node:fs'
import { decodeLine, encodeRest, eventTypes, foldStream, RecordedEvent, spliceLine } from '@commitments/domain'
import { exampleZone } from '@commitments/test-kit/domain'
import t from 'tap'

// One file for each release that changed a schema: lines as that release wrote them. They are never edited.
const folder = new URL('released/', import.meta.url)

const files = readdirSync(folder)
const linesOf = (file: string) => readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n')

t.test('every type of event appears in the lines of some release', async (t) => {
  const types = new Set(files.flatMap(linesOf).map((line) => decodeLine(line).type))
  t.same([...types].toSorted(), eventTypes)
})

for (const file of files) {
  const lines = linesOf(file)

  t.test(`lines of ${file} still decode, fit their schema and fold`, async (t) => {
    const events = lines.map(decodeLine)
    for (const event of events) t.match(RecordedEvent.safeParse(event), { success: true, data: event })
    t.match(foldStream(events, exampleZone), { version: lines.length })
  })

  t.test(`lines of ${file} are reproduced byte for byte`, async (t) => {
    for (const line of lines) {
      const { position, recordedAt, ...event } = decodeLine(line)
      t.equal(spliceLine(position, recordedAt, encodeRest(event)), line)
    }
  })
}
