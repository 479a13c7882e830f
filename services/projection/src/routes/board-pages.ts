/** The board: its page at every path that it has, and its files. */
import {
  type Answer,
  defineRoute,
  holdsIfNoneMatch,
  problem,
  type RouteDefinition,
  readIfNoneMatch,
} from '@commitments/http-kit'
import { z } from 'zod'
import type { Board } from '../board/read-board.ts'
import { makeShell, type ShellSetting } from '../board/shell.ts'

/** Paths of pages. What comes after them is read by the page. */
const paths = {
  '/': 'boardOverview',
  '/proposals': 'boardProposals',
  '/proposals/*': 'boardProposal',
  '/activity': 'boardActivity',
  '/ledger': 'boardLedger',
} as const

/** `no-cache` for the page, which names the files of the build; these never change under their names. */
const forEver = { 'cache-control': 'public, max-age=31536000, immutable' }

export function boardRoutes(board: Board | null, setting: ShellSetting): RouteDefinition[] {
  return [...pageRoutes(board, setting), fileRoute(board)]
}

const common = { method: 'GET', tag: 'Board', access: 'public', work: 'memory', undocumented: true } as const

function pageRoutes(board: Board | null, setting: ShellSetting): RouteDefinition[] {
  const { html, compressed, etag, headers } = makeShell(board, setting)
  const answer = (ifNoneMatch: string | undefined): Answer => {
    const isNew = holdsIfNoneMatch(readIfNoneMatch(ifNoneMatch), etag)
    return { status: isNew ? 200 : 304, headers: { ...headers, etag }, ...(isNew && { body: html, compressed }) }
  }
  return Object.entries(paths).map(([url, operationId]) =>
    defineRoute({
      ...common,
      url,
      operationId,
      summary: 'A page of the board',
      ...(url.endsWith('*') ? { params: z.looseObject({}) } : {}),
      query: z.looseObject({}),
      responses: {
        200: {
          description: 'The page.',
          contentTypes: ['text/html; charset=utf-8'],
          headers: ['ETag', 'Cache-Control'],
        },
        304: { description: 'The same as before.', headers: ['ETag', 'Cache-Control'] },
      },
      problems: [],
      handler: ({ raw }) => answer(raw.headers['if-none-match']),
    }),
  )
}

function fileRoute(board: Board | null): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/board/:file',
    operationId: 'boardFile',
    summary: 'A file of the board',
    params: z.strictObject({ file: z.string().max(200) }),
    responses: {
      200: { description: 'The file.', headers: ['ETag', 'Cache-Control'] },
      304: { description: 'The same as before.', headers: ['ETag', 'Cache-Control'] },
    },
    problems: ['not-found'],
    handler: ({ params, raw }) => {
      const file = board?.files.get(params.file)
      if (file === undefined) throw problem('not-found', 'The board has no such file; `/` names those that it has.')
      const { type, bytes: body, compressed } = file
      const etag = `"${params.file}"`
      const headers = { ...forEver, etag }
      const isNew = holdsIfNoneMatch(readIfNoneMatch(raw.headers['if-none-match']), etag)
      return isNew ? { status: 200, headers, type, body, compressed } : { status: 304, headers }
    },
  })
}
