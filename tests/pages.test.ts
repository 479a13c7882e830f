import t from 'tap'
import { bearer, openApps, type ServiceName } from './support/apps.ts'

t.test('every HTML answer has a Content-Security-Policy that loads nothing from outside', async (t) => {
  const apps = await openApps(t)
  let pages = 0
  for (const service of ['command', 'projection'] satisfies ServiceName[]) {
    const app = apps[service]
    const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, object> }>()
    const documented = Object.keys(paths).map((path) => path.replaceAll(/\{[^}]+\}/g, 'invalid'))
    const others = [
      '/',
      '/docs',
      '/docs/',
      '/docs/static/index.html',
      '/docs/static/nope',
      '/nope',
      '/problems/nope',
      '/v1/events',
    ]
    for (const url of new Set([...documented, ...others])) {
      const headers = { accept: 'text/html, */*;q=0.1', authorization: bearer('all') }
      const answer = await app.inject({ method: 'GET', url, headers })
      if (!String(answer.headers['content-type']).startsWith('text/html')) continue
      pages += 1
      const policy = String(answer.headers['content-security-policy'])
      t.match(policy, /^default-src '(self|none)'; .*frame-ancestors 'none'/, `${service} ${url}`)
      t.notMatch(policy, /unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/, `${service} ${url}`)
      t.notMatch(answer.body, /<script(?![^>]*\bsrc=)[^>]*>/, `${service} ${url} has no script inline`)
      t.equal(answer.headers['x-content-type-options'], 'nosniff')
    }
  }
  t.ok(pages >= 6, `${pages} pages`)
})
