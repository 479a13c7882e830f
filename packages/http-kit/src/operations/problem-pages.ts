/** The pages behind the `type` of a problem: for people as HTML, for programs as JSON. */
import { z } from 'zod'
import { pageHeaders } from '../headers/response-headers.ts'
import { problem } from '../problems/problem.ts'
import type { ProblemType, ProblemTypes } from '../problems/problem-types.ts'
import { defineRoute, type RouteDefinition } from '../route/route.ts'

const Entry = z
  .object({
    code: z.string().max(100).meta({ description: 'The `code` of such problems.' }),
    status: z.int().min(400).max(599).meta({ description: 'The HTTP status of such answers.' }),
    title: z.string().max(200).meta({ description: 'A short sentence, the same for every case.' }),
    when: z.string().max(2000).meta({ description: 'The cases in which it is answered.' }),
    client: z.string().max(2000).meta({ description: 'What the caller does about it.' }),
    operator: z.string().max(2000).meta({ description: 'What the operator of the service does about it.' }),
  })
  .meta({ id: 'ProblemType', description: 'A problem type: when it occurs, and what the client and the operator do.' })

const EntryList = z
  .object({ problems: z.array(Entry).max(1000).meta({ description: 'In the order of their codes.' }) })
  .meta({ id: 'ProblemTypeList', description: 'Every problem that the service can answer with.' })
const types = ['text/html', 'application/json']
const common = { method: 'GET', tag: 'Operations', access: 'public', work: 'memory' } as const
const cached = { 'cache-control': 'public, max-age=300' }

export function problemRoutes(catalogue: ProblemTypes): RouteDefinition[] {
  return [listRoute(catalogue), pageRoute(catalogue), styleRoute]
}

function listRoute(catalogue: ProblemTypes): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/problems',
    operationId: 'listProblemTypes',
    summary: 'All problem types',
    responses: {
      200: { description: 'The catalogue.', schema: EntryList, contentTypes: types, headers: ['Cache-Control'] },
    },
    problems: [],
    handler: ({ accepted }) =>
      accepted === 'text/html'
        ? html('Problems', listBody(catalogue), 'problems/style.css')
        : { status: 200, headers: cached, type: 'application/json', body: { problems: entriesOf(catalogue) } },
  })
}

function pageRoute(catalogue: ProblemTypes): RouteDefinition {
  return defineRoute({
    ...common,
    url: '/problems/:code',
    operationId: 'getProblemType',
    summary: 'One problem type: when it occurs, and what the client and the operator do',
    params: z.strictObject({
      code: z
        .string()
        .max(100)
        .meta({ description: 'The `code` of the problem.', examples: ['invalid'] }),
    }),
    responses: {
      200: { description: 'The problem type.', schema: Entry, contentTypes: types, headers: ['Cache-Control'] },
    },
    problems: ['not-found'],
    handler: ({ params: { code }, accepted }) => {
      const type = Object.hasOwn(catalogue, code) ? catalogue[code] : undefined
      if (type === undefined) throw problem('not-found', 'There is no such problem type; `/problems` lists all types.')
      if (accepted !== 'text/html') {
        return { status: 200, headers: cached, type: 'application/json', body: { code, ...type } }
      }
      return html(type.title, pageBody(code, type), 'style.css')
    },
  })
}

const styleRoute = defineRoute({
  ...common,
  url: '/problems/style.css',
  operationId: 'getProblemStyle',
  summary: 'Style sheet of the pages',
  responses: { 200: { description: 'CSS.', contentTypes: ['text/css'], headers: ['Cache-Control'] } },
  problems: [],
  handler: () => ({ status: 200, headers: cached, type: 'text/css; charset=utf-8', body: style }),
})

function entriesOf(catalogue: ProblemTypes): ({ code: string } & ProblemType)[] {
  const entries = Object.entries(catalogue).map(([code, type]) => ({ code, ...type }))
  return entries.toSorted((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
}

function listBody(catalogue: ProblemTypes): string {
  const rows = entriesOf(catalogue).map(
    ({ code, status, title }) =>
      `<tr><td>${status}</td><td><a href="problems/${escape(code)}"><code>${escape(code)}</code></a></td><td>${escape(title)}</td></tr>`,
  )
  return `<table><thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function pageBody(code: string, type: ProblemType): string {
  const sections = [
    ['When it is answered', type.when],
    ['What the client does', type.client],
    ['What the operator does', type.operator],
  ] as const
  const head = `<p>Status ${type.status}, code <code>${escape(code)}</code></p>`
  const body = sections.map(([title, text]) => `<h2>${title}</h2><p>${codeMarks(escape(text))}</p>`)
  return `${head}${body.join('')}<p><a href="../problems">All problem types</a></p>`
}

function html(title: string, body: string, styleSheet: string) {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title>`
  const link = `<link rel="stylesheet" href="${styleSheet}">`
  const page = `<!doctype html><html lang="en"><head>${head}${link}</head><body><main><h1>${escape(title)}</h1>${body}</main></body></html>`
  return { status: 200, headers: { ...pageHeaders, ...cached }, type: 'text/html; charset=utf-8', body: page }
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function codeMarks(text: string): string {
  return text.replace(/`([^`]+)`/g, '<code>$1</code>')
}

const style = `:root { color-scheme: light dark; font: 1.05rem/1.6 system-ui, sans-serif }
main { max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.7rem; line-height: 1.25 }
h2 { font-size: 1.1rem; margin-top: 2rem }
code { font: 0.95em ui-monospace, monospace }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: 0.35rem 1rem 0.35rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
`
