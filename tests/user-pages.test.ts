/** What docs/recording.md and docs/reading.md tell their users to do, done word for word and in its order. */
import { proposed } from '@commitments/test-kit'
import t from 'tap'
import { blocksOf, missingOf, openFolder, runPage } from './support/page-commands.ts'

async function recordProposed({ COMMAND, KEY }: { readonly COMMAND: string; readonly KEY: string }, id: string) {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ ...proposed(), assertedBy: 'most-vn' })
  return (await fetch(`${COMMAND}/v1/proposals/${id}/events`, { method: 'POST', headers, body })).status
}

const missing = missingOf('python3', 'curl')

t.test(
  'a newcomer records an event, corrects it, contests it, and reads what became of it',
  { skip: missing },
  async (t) => {
    const [recording, reading] = [blocksOf('recording.md'), blocksOf('reading.md')]
    const folder = await openFolder(t, [...recording, ...reading])
    await runPage(t, recording, folder, [
      ['event-types', /^proposed - .*\.$/m],
      ['dryRun=true', /^\{"dryRun":true,"proposalId":"materials-centre","version":1/],
      ['Idempotency-Key', /"version":1,"type":"proposed"/],
      ['"corrected"', /"version":2,"type":"corrected"/],
      ['"contested"', /"version":3,"type":"contested"/],
    ])
    // More changes than one page of them has.
    const more = Array.from({ length: 12 }, (_, index) => `centre-${index}`)
    for (const id of more) t.equal(await recordProposed(folder.environment, id), 201)
    const isWhole = [...more, 'materials-centre'].map((id) => `(?=[^]*^${id} )`).join('')
    await runPage(t, reading, folder, [
      ['condition=overdue', /^\{"total":0,"proposals":/],
      ['portfolio', /"stages":|"byStage":|"money":/],
      ['asOf=', /"materials-centre"/],
      ['changes?since=0', /"more":true/],
      ['changes.py 0', new RegExp(`^${isWhole}(?:\\S+ \\S+\n){13}next visit: \\d+\n$`, 'm')],
      ['vocabulary', /đề xuất/i],
    ])
  },
)
