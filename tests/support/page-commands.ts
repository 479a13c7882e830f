/** Runs the commands of a page of docs/, word for word, against services of a test. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { keyFile, secretOf, temporaryFolder } from '@commitments/test-kit'
import { startServices } from '@commitments/test-kit/services'
import type { Test } from 'tap'

const root = join(import.meta.dirname, '../..')

export interface Block {
  readonly language: string
  readonly text: string
}

/** What a reader of the page copies: commands, and programs. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  return [...text.matchAll(/^```(sh|python|js)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }))
}

/** The programs that are not here, in words; empty: all are. */
export function missingOf(...programs: readonly string[]): string {
  return programs.filter((program) => spawnSync(program, ['--version']).status !== 0).join(', ')
}

/** An empty folder with the programs of the pages, and both services with a key of a ministry. */
export async function openFolder(t: Test, blocks: readonly Block[]) {
  const caller = { name: 'most', party: 'most-vn', scopes: ['record', 'read'] }
  const environment = { API_KEYS_FILE: keyFile(t, [caller]) }
  const { database, command, projection } = await startServices(t, { environment })
  const [COMMAND, LOG] = await Promise.all([command.listen(), projection.listen()])
  const cwd = temporaryFolder(t)
  // For the client: as if it were installed.
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  for (const { language, text } of blocks) {
    const name = /^(?:#|\/\/) (\S+)\n/.exec(text)?.[1]
    if (language !== 'sh' && name !== undefined) writeFileSync(join(cwd, name), text)
  }
  return {
    cwd,
    environment: { COMMAND, LOG, KEY: secretOf('most'), NODE_NO_WARNINGS: '1' },
    /** The types of the events of a proposal, in their order. */
    async typesOf(proposalId: string): Promise<string[]> {
      const sql = 'SELECT line FROM events WHERE proposal_id = $1 ORDER BY position'
      const { rows } = await database.pool().query<{ line: string }>(sql, [proposalId])
      return rows.map(({ line }) => (JSON.parse(line) as { type: string }).type)
    },
  }
}

/** Runs every command in its order. `wanted`: of each, a part of it, and what it prints. */
export async function runPage(
  t: Test,
  blocks: readonly Block[],
  { cwd, environment }: Pick<Awaited<ReturnType<typeof openFolder>>, 'cwd' | 'environment'>,
  wanted: readonly (readonly [part: string, printed: RegExp])[],
): Promise<void> {
  const commands = blocks.filter(({ language }) => language === 'sh')
  t.equal(commands.length, wanted.length, 'no command of the page is left out')
  let position = ''
  for (const [index, { text }] of commands.entries()) {
    const [part, printed] = wanted[index] ?? ['', /never/]
    t.ok(text.includes(part), `${part} is the next command`)
    // Each block has a shell of its own; the one variable of a page goes on.
    const done = await sh(`${position}\n${text}`, cwd, environment)
    position = /^position=.*$/m.exec(text)?.[0] ?? position
    t.equal(done.status, 0, done.text)
    t.match(done.text, printed, part)
  }
}

export function sh(commands: string, cwd: string, environment: Record<string, string>) {
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  return new Promise<{ status: number; text: string }>((resolve) => {
    execFile('sh', ['-ec', commands], { cwd, env: { PATH, ...environment } }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, text: error ? `${stdout}${stderr}` : stdout })
    })
  })
}
