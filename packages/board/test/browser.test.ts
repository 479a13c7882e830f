import { setTimeout } from 'node:timers/promises'
import { inBrowser } from './support/browser.ts'
import { settled } from './support/looking.ts'

inBrowser((test) => {
  test('every address of the board opens the board', async ({ t, open }) => {
    for (const path of ['/', '/proposals', '/proposals/vkist', '/activity', '/ledger']) {
      const page = await open(path)
      await page.locator('#board h1').first().waitFor()
      t.match(await page.title(), /Commitments/)
      await page.context().close()
    }
  })

  test('the first visit loads at most 120 KiB of compressed scripts, in at most 12 requests', async ({ t, open }) => {
    const page = await open('/')
    // The stream of changes never ends, so the network is never idle.
    await settled(page)
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => {
        const { name, encodedBodySize, decodedBodySize } = entry as PerformanceResourceTiming
        return { path: new URL(name).pathname, encodedBodySize, decodedBodySize }
      }),
    )
    const scripts = loaded.filter(({ path }) => path.endsWith('.js'))
    const bytes = scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
    t.ok(scripts.length >= 2, 'the boot script and the entry')
    t.ok(bytes <= 120 * 1024, `${bytes} bytes of script`)
    t.ok(
      scripts
        .filter(({ decodedBodySize }) => decodedBodySize > 1024)
        .every((one) => one.encodedBodySize < one.decodedBodySize),
      'all of it compressed',
    )
    t.ok(loaded.length + 1 <= 12, loaded.map(({ path }) => path).join(' '))
  })

  test('nothing is asked for twice when the stream of changes is faster than the first answers', async ({
    t,
    open,
  }) => {
    const page = await open('/', {
      prepare: async (context) => {
        const isStream = (url: string) => new URL(url).pathname === '/v1/changes'
        const streams = new Promise<void>((resolve) => {
          context.on('response', (response) => isStream(response.url()) && resolve())
        })
        await context.route(/\/v1\/(portfolio|proposals)/, async (route) => {
          await streams
          await route.continue()
        })
      },
    })
    await settled(page)
    // Longer than a page collects what it hears before it compares.
    await setTimeout(1_000)
    const asked = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    t.ok(asked.length > 3)
    t.same(
      asked.filter((name, at) => asked.indexOf(name) !== at),
      [],
    )
  })

  test('the policy blocks everything that it does not name, and the tests see each attempt', async ({ t, open }) => {
    const page = await open('/', { tolerate: [/policy: |Content Security Policy|Trusted|asked elsewhere/] })
    const seen: string[] = []
    page.on('console', (message) => seen.push(message.text()))
    const happened = await page.evaluate(async () => {
      const done: string[] = []
      const script = document.createElement('script')
      script.append('document.title = "inline"')
      document.body.append(script)
      if (document.title === 'inline') done.push('inline script')
      const style = document.createElement('style')
      style.append('body { margin-left: 77px }')
      document.head.append(style)
      if (getComputedStyle(document.body).marginLeft === '77px') done.push('inline style')
      try {
        document.body.insertAdjacentHTML('beforeend', '<b>markup</b>')
        done.push('markup from text')
      } catch {}
      await fetch('http://127.0.0.1:1/').then(
        () => done.push('a request to elsewhere'),
        () => {},
      )
      const image = new Image()
      image.src = 'http://127.0.0.1:1/image.png'
      await new Promise((resolve) => {
        image.addEventListener('error', resolve)
        image.addEventListener('load', resolve)
      })
      return done
    })
    t.same(happened, [])
    for (const directive of ['style-src', 'require-trusted-types-for', 'connect-src', 'img-src'])
      t.ok(
        seen.some((text) => text.startsWith('policy: ') && text.includes(directive)),
        `${directive} was reported`,
      )
  })
})
