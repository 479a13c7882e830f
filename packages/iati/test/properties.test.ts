import type { RecordedEvent } from '@commitments/domain'
import { streams } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import { XmlDocument } from 'libxml2-wasm'
import t from 'tap'
import { histories } from '../../domain/test/any-history.ts'
import { uriOf } from '../src/documents.ts'
import { languageCodeOf } from '../src/languages.ts'
import { findings, portfolioSettings, publicationOf, publish } from './support.ts'

const settings = { ...portfolioSettings, sectors: { health: '12182' as const } }
const publication = publicationOf(settings)

const dates = fc.constantFrom(null, '2019', '2020-05', '[2018..2021]', '2017/2018', '2028-02-29', '[2019..]')
/** Everything that our log accepts: also controls, and code points beyond the first plane. */
const texts = fc.dictionary(
  fc.constantFrom('en', 'vi', 'ko', 'fr', 'zh-Hant', 'fil', 'en-GB'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).map((text) => `a${text}`),
  { minKeys: 1 },
)

/** The same stream with another title and plan, so that most can be published. */
function begun(
  stream: readonly RecordedEvent[],
  title: Record<string, string>,
  start: string | null,
  end: string | null,
) {
  const [first, ...rest] = stream
  if (first?.type !== 'proposed') return stream
  const data = { ...first.data, title, fields: ['health'], planned: { start, end } }
  return [{ ...first, data }, ...rest]
}

function fileOf(stream: readonly RecordedEvent[]) {
  return publish(new Map([['joint-laboratory', stream]]), publication)
}

const cases = fc.tuple(fc.oneof(streams, histories), texts, dates, dates)
/** Tests of each arbitrary; a longer run was made by hand. */
const numRuns = 40

t.test(
  'every history that can be published is valid in all three layers, and the same history gives the same bytes',
  async (t) => {
    let published = 0
    fc.assert(
      fc.property(cases, ([stream, title, start, end]) => {
        const { xml, exported, leftOut } = fileOf(begun(stream, title, start, end))
        if (exported.length === 0) return leftOut.size === 1
        published += 1
        t.equal(fileOf(begun(stream, title, start, end)).xml, xml)
        const found = findings(xml)
        if (found.length > 0) throw new Error(JSON.stringify(found, null, 2))
        return true
      }),
      { numRuns },
    )
    t.ok(published > numRuns / 3, `${published} were published`)
  },
)

t.test('no language of a title is lost, unless IATI has no code for it, and then it is reported', async (t) => {
  fc.assert(
    fc.property(texts, (title) => {
      const { xml, exported, leftOut, drafts } = fileOf(begun(oneEvent, title, '2024', null))
      const codes = Object.keys(title).map((tag) => [tag, languageCodeOf(tag)] as const)
      if (exported.length === 0) {
        t.same(
          leftOut.get('joint-laboratory')?.map(({ id }) => id),
          ['4.3.1'],
        )
        return codes.every(([, code]) => code === null)
      }
      const document = XmlDocument.fromString(xml)
      const written = document
        .find('//iati-activity/title/narrative')
        .map((node) => [node.get('@xml:lang')?.content ?? 'en', node.content])
      document.dispose()
      const expected = codes.flatMap(([tag, code]) => (code === null ? [] : [[code, readable(title[tag] ?? '')]]))
      t.same(written.map(String).toSorted(), expected.map(String).toSorted())
      for (const [tag, code] of codes)
        if (code === null) t.ok(drafts.get('joint-laboratory')?.omissions.some(({ what }) => what === `title (${tag})`))
      return true
    }),
    { numRuns },
  )
})

const oneEvent = fc.sample(streams, { numRuns: 1, seed: 1 })[0]?.slice(0, 1) ?? []

/** What a parser gives back. */
function readable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\t\n\u007F-\u009F]|[\uFFFE\uFFFF]/gu, '\uFFFD')
}

t.test('U+0001 and ]]> in a title: the file is valid, and the report names the text', async (t) => {
  const { xml, drafts } = fileOf(begun(oneEvent, { en: 'a\u0001b ]]> <c> & "d" \u{1F600}' }, '2024', null))
  t.same(findings(xml), [])
  t.match(xml, '<narrative>a\uFFFDb ]]&gt; &lt;c&gt; &amp; &quot;d&quot; \u{1F600}</narrative>')
  t.match(drafts.get('joint-laboratory')?.omissions, [{ what: 'characters of title (en)', why: /control character/ }])
})

t.test('every address that our log accepts is one that the schema accepts', async () => {
  const address = fc.webUrl({ withFragments: true, withQueryParameters: true })
  const odd = fc.string({ unit: 'binary', maxLength: 12 }).map((rest) => `https://example.org/${rest}`)
  const urls = fc
    .oneof(
      address,
      odd,
      odd.map((url) => `${url}#${url}`),
    )
    .filter((url) => /^https?:\/\/\S+$/.test(url) && URL.canParse(url))
  fc.assert(
    fc.property(urls, (url) => {
      const written = uriOf(url)
      if (!/^[!#$%&'()*+,\-./:;=?@\w~]+$/.test(written) || written.split('#').length > 2) throw new Error(written)
      const stream = [{ ...oneEvent[0], evidence: [{ title: 'T', supports: 'S', url }] }] as RecordedEvent[]
      const found = findings(fileOf(begun(stream, { en: 'T' }, '2024', null)).xml)
      if (found.length > 0) throw new Error(`${url} → ${written}: ${JSON.stringify(found)}`)
    }),
    { numRuns },
  )
})
