/** What docs/recording.md and docs/reading.md tell their users to do, done word for word and in its order. */
import t from 'tap'
import { blocksOf, missingOf, openFolder, runPage } from './support/page-commands.ts'

const missing = missingOf('python3', 'curl')

t.test(
  'a newcomer records an event, corrects it, contests it, and reads what became of it',
  { skip: missing },
  async (t) => {
    const recording = blocksOf('recording.md')
    const folder = await openFolder(t, recording)
    await runPage(t, recording, folder, [
      ['event-types', /^proposed - .*\.$/m],
      ['dryRun=true', /^\{"dryRun":true,"proposalId":"materials-centre","version":1/],
      ['Idempotency-Key', /"version":1,"type":"proposed"/],
      ['"corrected"', /"version":2,"type":"corrected"/],
      ['"contested"', /"version":3,"type":"contested"/],
    ])
    await runPage(t, blocksOf('reading.md'), folder, [
      ['condition=overdue', /^\{"total":0,"proposals":/],
      ['portfolio', /"stages":|"byStage":|"money":/],
      ['asOf=', /"materials-centre"/],
      ['changes?since=0', /"materials-centre"/],
      ['vocabulary', /đề xuất/i],
    ])
  },
)
