/** Hints and links for callers: after a wrong path, to the other service, and through the public address of the service. */
import t from 'tap'
import { defineRoute } from '../src/index.ts'
import { openApp, routes, writer } from './support.ts'

const publicUrl = 'https://api.example.org/read'

const paged = defineRoute({
  method: 'GET',
  url: '/v1/pages',
  operationId: 'readPages',
  tag: 'Things',
  summary: 'A page',
  access: { scope: 'read' },
  responses: { 200: { description: 'A page.', contentTypes: ['text/plain'], headers: ['Link'] } },
  problems: [],
  handler: () => ({
    status: 200,
    headers: { link: '</v1/pages?after=1>; rel="next"', location: '/v1/pages/1' },
    type: 'text/plain',
    body: '',
  }),
})

t.test('every link and Location uses the public address, with its path', async (t) => {
  const { app } = await openApp(t, { routes: [...routes, paged], publicUrl })
  const { headers } = await app.inject({ url: '/v1/pages' })
  t.equal(headers.link, `<${publicUrl}/v1/pages?after=1>; rel="next"`)
  t.equal(headers.location, `${publicUrl}/v1/pages/1`)
  t.equal((await app.inject({ url: '/' })).headers.location, `${publicUrl}/docs`)
  t.match((await app.inject({ url: '/nothing' })).json(), { type: `${publicUrl}/problems/not-found` })
  for (const path of ['/docs', '/docs/']) {
    const page = await app.inject({ url: path })
    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url)
    t.ok(loaded.length > 0)
    for (const url of loaded) t.match(new URL(url, publicUrl + path).href, `${publicUrl}/docs/`, url)
  }
})

t.test('without a public address links are relative, and / leads to the documents', async (t) => {
  const { app } = await openApp(t, { routes: [...routes, paged] })
  t.equal((await app.inject({ url: '/v1/pages' })).headers.link, '</v1/pages?after=1>; rel="next"')
  const answer = await app.inject({ url: '/' })
  t.match({ status: answer.statusCode, location: answer.headers.location }, { status: 302, location: '/docs' })
  t.equal((await app.inject({ method: 'POST', url: '/' })).statusCode, 405)
})

t.test('a path with an empty segment is 404, and a trailing slash is named', async (t) => {
  const { app } = await openApp(t)
  for (const url of ['/problems/', '/v1/things/', '/problems/?a=1']) {
    t.match(
      (await app.inject({ url })).json(),
      { status: 404, code: 'not-found', detail: /do not end in a slash/ },
      url,
    )
  }
  const empty = await app.inject({ method: 'POST', url: '/v1/things//acts', headers: writer })
  t.match(empty.json(), { status: 404, code: 'not-found' })
})

t.test('a request for a route of the other service is told where it is, by path and by method', async (t) => {
  const elsewhere = [
    { methods: ['GET', 'HEAD'], hint: 'The other service answers what is read.' },
    { methods: ['POST'], hint: 'Acts are recorded below a thing.' },
  ]
  const { app } = await openApp(t, { elsewhere })
  const posted = await app.inject({ method: 'POST', url: '/v1/acts' })
  t.match(posted.json(), { status: 404, detail: /No route has this path\. Acts are recorded below a thing\.$/ })
  t.match((await app.inject({ url: '/v1/proposals' })).json(), { status: 404, detail: /The other service/ })
  t.match((await app.inject({ url: '/v1/things/alpha/acts' })).json(), { status: 405, detail: /The other service/ })
  t.match((await app.inject({ url: '/nothing' })).json().detail, /^No route has this path\. The documents at `\/docs`/)
  t.notMatch((await app.inject({ method: 'PUT', url: '/v1/proposals' })).json().detail, /other service/)
})
