import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md', 'bench/*.md'], { cwd: root })
const sources = globSync(
  ['{packages,services}/*/{src,test}/**/*.ts', 'scripts/**/*.{ts,mjs}', 'tests/**/*.ts', 'migrations/*.sql'],
  { cwd: root },
)

/** The anchor of a heading in links. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

/** A page without its code, in which brackets mean something else. */
function withoutCode(page: string): string {
  return read(page).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '')
}

function headingsOf(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
}

t.test('every file and section that a page links to exists', (t) => {
  for (const page of pages) {
    for (const [, target = ''] of withoutCode(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      if (!existsSync(join(root, file))) t.fail(`${page} links to ${target}`)
      else if (anchor) t.ok(headingsOf(file).map(anchorOf).includes(anchor), `${page} links to ${target}`)
    }
  }
  t.end()
})

t.test('every page and section that a source or a page names exists', (t) => {
  for (const file of [...sources, ...pages]) {
    // A comment may break between the page and the section.
    const text = read(file).replaceAll(/\n\s*(?:\*|\/\/|--) ?/g, ' ')
    for (const [, page = '', section] of text.matchAll(
      /(?<![\w/.-])((?:docs|bench)\/[\w/-]+\.md)(?:, ([A-Z][A-Za-z ]+?)(?=[),.;:`]))?/g,
    )) {
      if (!existsSync(join(root, page))) t.fail(`${file} names ${page}`)
      else if (section) {
        const found =
          headingsOf(page).some((heading) => heading.startsWith(section)) || read(page).includes(`**${section}`)
        t.ok(found, `${file} names ${page}, ${section}`)
      }
    }
    t.notMatch(
      text,
      /(?<![\w/])(?:design|integrators|review|found|exemplars)\.md/,
      `${file} names no page that is not here`,
    )
  }
  t.end()
})

t.test('every source that a page names in code exists, whatever part of its path is left out', (t) => {
  const files = globSync('**/*.{ts,mjs,sql,py,sh}', { cwd: root, exclude: ['**/node_modules', '.data'] })
  const endings = new Set(
    files.flatMap((file) => file.split('/').map((_, index, parts) => parts.slice(index).join('/'))),
  )
  let named = 0
  for (const page of pages) {
    // What begins with a slash is an address.
    for (const [, name = ''] of read(page).matchAll(/`((?!\/)[\w./-]+\.(?:ts|mjs|sql|py|sh))`/g)) {
      t.ok(endings.has(name), `${page} names ${name}`)
      named += 1
    }
  }
  for (const picture of globSync('docs/**/*.svg', { cwd: root })) {
    for (const [, name = ''] of read(picture).matchAll(/(?<![\w/.-])([\w/-]+\.ts)\b/g)) {
      t.ok(endings.has(name), `${picture} names ${name}`)
      named += 1
    }
  }
  t.ok(named > 50, `${named} were found`)
  t.end()
})

t.test('every command that a page names is one of package.json', (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const page of pages) {
    for (const [, name = ''] of read(page).matchAll(/npm run (?:--silent )?([a-z][a-z-]*)/g))
      t.ok(name in scripts, `${page}: npm run ${name}`)
  }
  t.end()
})
