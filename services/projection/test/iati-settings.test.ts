import { ConfigError } from '@commitments/http-kit'
import t from 'tap'
import { readIatiSettings } from '../src/iati/read-settings.ts'

function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    readIatiSettings(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

t.test('without IATI_FILE the ledger is not published', async (t) => {
  t.equal(readIatiSettings({}), null)
  t.equal(readIatiSettings({ IATI_FILE: ' ' }), null)
})

t.test(
  'a file that cannot be used stops the start, with every mistake in it and the name of the variable',
  async (t) => {
    const folder = t.testdir({
      'text.json': 'nothing',
      'wrong.json': JSON.stringify({
        reportingOrg: { ref: 'VN COA', type: '9', name: { en: 'M' } },
        country: 'XX',
        sectors: { health: '11321' },
      }),
      'right.json': JSON.stringify({ reportingOrg: { ref: 'VN-COA-1', type: '10', name: { en: 'Ministry' } } }),
    })
    t.match(mistakesOf({ IATI_FILE: `${folder}/nowhere.json` }), [
      /^IATI_FILE: .*nowhere\.json cannot be read: ENOENT$/,
    ])
    t.match(mistakesOf({ IATI_FILE: `${folder}/text.json` }), [/^IATI_FILE: .* is not JSON/])
    const mistakes = mistakesOf({ IATI_FILE: `${folder}/wrong.json` })
    t.equal(mistakes.length, 4)
    for (const place of ['reportingOrg.ref', 'reportingOrg.type', 'country', 'sectors.health'])
      t.ok(
        mistakes.some((mistake) => mistake.startsWith(`IATI_FILE: ${folder}/wrong.json: ${place}: `)),
        place,
      )
    t.equal(readIatiSettings({ IATI_FILE: `${folder}/right.json` })?.reportingOrg.ref, 'VN-COA-1')
  },
)
