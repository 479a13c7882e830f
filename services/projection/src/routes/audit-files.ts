/** The auditor's command and the documents that explain how to check the log, under the prefix of the log. */
import {
  type Answer,
  defineRoute,
  entityTag,
  holdsIfNoneMatch,
  pageHeaders,
  problem,
  type RouteDefinition,
  readIfNoneMatch,
} from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { auditTypes } from '../audit/read-audit-files.ts'
import type { Service } from '../service.ts'
import { plainText } from './covered.ts'
import { staticResource } from './log-prefix.ts'
import { readHeaders } from './reading.ts'

const common = { ...staticResource, work: 'memory' } as const

const unchanged = { description: 'Your copy (`If-None-Match`) is still current.', headers: readHeaders }

export function auditFileRoutes(service: Service): RouteDefinition[] {
  return [readProgramRoute(service), readDigestRoute(service), ...beginnings(), readDocumentRoute(service)]
}

function readProgramRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/audit.mjs',
    operationId: 'readAuditProgram',
    summary: 'The auditor’s command, one file for Node',
    description:
      'A program for Node 20.12 or later, without dependencies: `node audit.mjs verify <address>` checks the log, its signature and everything that is ' +
      'served. `/audit/audit.html` explains it. Compare its SHA-256 with one from elsewhere, such as another operator, before you rely on it.',
    responses: {
      200: { description: 'The program.', contentTypes: [auditTypes['.mjs'] as string], headers: readHeaders },
      304: unchanged,
    },
    problems: ['not-found'],
    handler: ({ raw }) => send(service, raw, 'audit.mjs'),
  })
}

function readDigestRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/log/audit.mjs.sha256',
    operationId: 'readAuditProgramDigest',
    summary: 'SHA-256 of the auditor’s command',
    description: 'One line, as `sha256sum --check` and `shasum -a 256 --check` read it.',
    responses: {
      200: { description: 'The digest, and the name of the file.', contentTypes: [plainText], headers: readHeaders },
      304: unchanged,
    },
    problems: ['not-found'],
    handler: ({ raw }) => send(service, raw, 'audit.mjs.sha256'),
  })
}

/** For who shortens the address of the documents. Relative, so that it holds behind a proxy that serves us under a path of its own. */
function beginnings(): RouteDefinition[] {
  const targets = { '/audit': 'audit/audit.html', '/audit/': 'audit.html' }
  return Object.entries(targets).map(([url, location], index) =>
    defineRoute({
      ...common,
      url,
      access: 'public',
      undocumented: true,
      operationId: `findAuditDocuments${index}`,
      summary: 'Where the documents on checking the log begin',
      responses: { 302: { description: 'Where they are.', headers: ['Location', 'Cache-Control'] } },
      problems: [],
      handler: () => ({ status: 302, headers: { location, 'cache-control': 'no-cache' } }),
    }),
  )
}

function readDocumentRoute(service: Service): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/audit/*',
    operationId: 'readAuditDocument',
    summary: 'How to check the log: documents and scripts',
    description:
      '`audit.html` and what it links to: pages, the same texts as Markdown (`audit.md`), and `audit/verify.py`, which checks the lines without our program.',
    params: z.strictObject({
      '*': z
        .string()
        .max(100)
        .meta({ description: 'Path of the document.', examples: ['audit.html'] }),
    }),
    responses: {
      200: {
        description: 'The document.',
        contentTypes: [...new Set(['.html', '.md', '.py', '.css'].map((name) => auditTypes[name] as string))],
        headers: readHeaders,
      },
      304: unchanged,
    },
    problems: ['not-found'],
    handler: ({ params, raw }) => send(service, raw, `docs/${params['*']}`),
  })
}

function send({ audit, cacheControl }: Service, request: FastifyRequest, path: string): Answer {
  if (audit === null)
    throw problem(
      'not-found',
      'This service runs without the auditor’s command and its documents: `npm run build` makes them, then start the service again.',
    )
  const file = audit.get(path)
  if (file === undefined)
    throw problem('not-found', 'There is no such document; `/audit/audit.html` links to all of them.')
  const { type, bytes: body, compressed, digest } = file
  const etag = entityTag(digest.slice(0, 32))
  const page = type.startsWith('text/html') ? pageHeaders : {}
  const headers = { etag, 'cache-control': cacheControl, ...page }
  const isNew = holdsIfNoneMatch(readIfNoneMatch(request.headers['if-none-match']), etag)
  return isNew ? { status: 200, headers, type, body, compressed } : { status: 304, headers }
}
