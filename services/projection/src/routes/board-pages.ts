/** The board: the same page at each of its paths, and its files. */
import {
  type Answer,
  defineRoute,
  holdsIfNoneMatch,
  ignoredQuery,
  problem,
  type RouteDefinition,
  readIfNoneMatch,
} from '@commitments/http-kit'
import { z } from 'zod'
import type { Board } from '../board/read-board.ts'
import { makeShell, type ShellSetting } from '../board/shell.ts'

/** Paths of pages. The page reads the rest of the path. */
const paths = {
  '/': 'boardOverview',
  '/proposals': 'boardProposals',
  '/proposals/*': 'boardProposal',
  '/record': 'boardRecord',
  '/activity': 'boardActivity',
  '/ledger': 'boardLedger',
  '/wall': 'boardWall',
} as const

/** The page is `no-cache`, because it names the files of the build; a file never changes under its name. */
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
      query: ignoredQuery,
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
