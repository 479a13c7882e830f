import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { dataFolder, type Ready, startReady } from './start/running.ts'

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

interface Call {
  url: string
  method: string
  headers: Record<string, string>
  body?: string
}

t.test('the commands of the README, word for word, take a newcomer to the first recorded commitment', async (t) => {
  const running = await startReady(dataFolder(t))
  const [look, dryRun, record, see, bulk, ...others] = commands().map((line) => callOf(line, running))
  t.same(others, [])
  const answers: Response[] = []
  for (const call of [look, dryRun, record, see, bulk]) if (call) answers.push(await fetch(call.url, call))
  t.same(
    answers.map(({ status }) => status),
    [200, 200, 201, 200, 200],
  )
  const results = (await answers.pop()?.text()) ?? ''
  t.match(results, /"summary":\{"lines":1,"recorded":1,/, 'the import is recorded whole')
  const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as Record<string, unknown>[]
  t.equal(bodies[0]?.stage, 'proposed')
  t.equal(answers[2]?.headers.get('log-position'), '291', 'the position that the README names')
  t.equal(bodies[3]?.stage, 'agreed')
  running.process.kill('SIGTERM')
  await running.ended()
})

t.test('every file that the README links to exists', async (t) => {
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link ?? '')
  t.ok(links.length > 5)
  for (const link of links) t.ok(existsSync(new URL(`../${link}`, import.meta.url)), link)
})

t.test('every npm script that the README names exists', async (t) => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = new Set([...text.matchAll(/npm run ([\w-]+)/g)].map(([, name]) => name ?? ''))
  for (const name of named) t.ok(name in scripts, name)
})

/** The curl commands in shell blocks. */
function commands(): string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
  return blocks.flatMap((block) => block.split('\n').filter((line) => line.startsWith('curl ')))
}

/** A curl command of the README as a request to this product, with its key. */
function callOf(command: string, { key, command: recording, projection }: Ready): Call {
  const [, ...words] = wordsOf(command.replaceAll('$KEY', key))
  const call: Call = { url: '', method: 'GET', headers: {} }
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (word === '-H') {
      index += 1
      const [name = '', value = ''] = (words[index] ?? '').split(/: (.*)/s)
      call.headers[name] = value
    } else if (word === '-d') {
      index += 1
      call.body = words[index] ?? ''
      call.method = 'POST'
    } else if (word === '--data-binary') {
      index += 1
      call.body = fileOf(words[index] ?? '')
      call.method = 'POST'
    } else if (word !== '-i') call.url = word
  }
  call.url = call.url.replace('http://127.0.0.1:8080', recording).replace('http://127.0.0.1:8081', projection)
  return call
}

/** The content that the README writes into the file that curl gets as `@file`. */
function fileOf(name: string): string {
  const [, content] = new RegExp(`^echo '([^']*)' > ${name.replace('@', '')}$`, 'm').exec(text) ?? []
  if (content === undefined) throw new Error(`The README writes no file ${name}`)
  return `${content}\n`
}

/** Splits words like a shell, as far as the README needs: single quotes, double quotes, neither. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  )
}
