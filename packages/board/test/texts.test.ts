import t from 'tap'
import { en } from '../src/texts/en.ts'
import { ko } from '../src/texts/ko.ts'
import { vi } from '../src/texts/vi.ts'

/** Every text, and every function that makes one, by its path. */
function leaves(value: object, path = ''): Map<string, unknown> {
  return new Map(
    Object.entries(value).flatMap(([name, inner]) =>
      typeof inner === 'object' && inner !== null
        ? [...leaves(inner, `${path}.${name}`)]
        : [[`${path}.${name}`, inner]],
    ),
  )
}

const english = leaves(en)

for (const [name, texts] of Object.entries({ vi, ko })) {
  t.test(`every text of the board exists in ${name}, and none is still English`, async (t) => {
    const translated = leaves(texts)
    t.same([...translated.keys()].toSorted(), [...english.keys()].toSorted())
    const same = [...translated].filter(([path, text]) => typeof text === 'string' && text === english.get(path))
    t.same(same, [])
  })
}

t.test('no text is empty', async (t) => {
  for (const texts of [en, vi, ko]) {
    t.same(
      [...leaves(texts)].filter(([, text]) => text === ''),
      [],
    )
  }
})

t.test('one of something is singular in English', async (t) => {
  t.equal(en.list.found(1), '1 proposal')
  t.equal(en.list.found(2), '2 proposals')
  t.equal(en.overview.inAll(0), '0 proposals')
})

t.test('an event has one name in Korean, that of the vocabulary', async (t) => {
  const said = [...leaves(ko)].map(([path, text]) => [path, String(text)] as const)
  t.ok(said.some(([, text]) => text.includes('사건')))
  t.same(
    said.filter(([, text]) => text.includes('이벤트')),
    [],
  )
})
