/** The one HTML page of the board: it loads the scripts, which draw everything. It holds no data, so it needs no key. */
import { hash } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Coding } from '@commitments/http-kit'
import type { Board } from './read-board.ts'

/** Addresses that the page needs. */
export interface ShellSetting {
  /** The public address of this service; undefined: the address of the request. */
  readonly publicUrl: string | undefined
  /** The public address of the command service; undefined: the page cannot record. */
  readonly commandUrl: string | undefined
  readonly reading: 'public' | 'key'
  readonly timeZone: string
}

interface Shell {
  readonly html: string
  readonly compressed: Readonly<Record<Coding, Buffer>>
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
}

export function makeShell(board: Board | null, setting: ShellSetting): Shell {
  const html = board === null ? notBuilt : pageOf(board, setting)
  return {
    html,
    compressed: { br: brotliCompressSync(html), gzip: gzipSync(html) },
    etag: `"${hash('sha256', html, 'base64url').slice(0, 22)}"`,
    headers: {
      'cache-control': 'no-cache',
      'content-security-policy': policyOf(setting),
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    },
  }
}

/** The policy allows only what it names, nothing from other origins, and no text that becomes markup or script. */
function policyOf({ commandUrl }: ShellSetting): string {
  const connected = commandUrl === undefined ? "'self'" : `'self' ${new URL(commandUrl).origin}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src ${connected}`,
    "manifest-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function pageOf({ manifest }: Board, setting: ShellSetting): string {
  const base = setting.publicUrl === undefined ? '' : new URL(setting.publicUrl).pathname.replace(/\/$/, '')
  const file = (name: string) => escape(`${base}/board/${name}`)
  const told = {
    base,
    build: manifest.build,
    reading: setting.reading,
    'time-zone': setting.timeZone,
    licences: `${base}/board/${manifest.licences}`,
    ...(setting.commandUrl === undefined ? {} : { 'command-url': setting.commandUrl }),
  }
  const attributes = Object.entries(told).map(([name, value]) => ` data-${name}="${escape(value)}"`)
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<title>Commitments</title>',
    `<link rel="icon" type="image/svg+xml" href="${file(manifest.icon)}">`,
    `<script src="${file(manifest.boot)}"></script>`,
    `<link rel="stylesheet" href="${file(manifest.styles)}">`,
    ...manifest.chunks.map((name) => `<link rel="modulepreload" href="${file(name)}">`),
    `<script type="module" src="${file(manifest.entry)}"></script>`,
  ]
  const links = { '/v1/proposals': 'as JSON', '/v1/proposals?format=csv': 'as CSV', '/docs': 'described' }
  const others = Object.entries(links).map(([path, words]) => `<a href="${escape(base + path)}">${words}</a>`)
  const otherwise = `<noscript><p>This page needs JavaScript. The same data are there ${others.join(', ')}.</p></noscript>`
  return `<!doctype html>\n<html lang="en"${attributes.join('')}>\n<head>\n${head.join('\n')}\n</head>\n<body>\n<div id="board"></div>\n${otherwise}\n</body>\n</html>\n`
}

const notBuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Commitments</title></head>
<body><p>The board is not built: <code>npm run build</code> builds it, then start this service again; the API is described at <a href="docs">/docs</a>.</p></body>
</html>
`

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
