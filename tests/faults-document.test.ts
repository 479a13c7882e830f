import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/faults.md'), 'utf8')
const rows = [...page.matchAll(/^\| (?<number>\d*) +\| .* \| `(?<file>[^`]+)` \| “(?<title>.+)” \|$/gm)].map(
  ({ groups }) => groups,
)

t.test('each of the 28 scenarios has a row', async (t) => {
  const numbers = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))
  t.same(
    numbers,
    Array.from({ length: 28 }, (_, index) => index + 1),
  )
})

t.test('each title that the page names stands in its file', async (t) => {
  t.ok(rows.length > 50, `${rows.length} tests are named`)
  for (const row of rows) {
    const { file = '', title = '' } = row ?? {}
    const text = readFileSync(join(root, file), 'utf8').replaceAll('\\`', '')
    t.ok(
      [`'${title}'`, `\`${title}\``].some((quoted) => text.includes(quoted)),
      `${file}: ${title}`,
    )
  }
})
