#!/usr/bin/env node
// Plain JavaScript that any Node can read: the program itself is TypeScript, which Node runs since version 24. An older Node looks for the
// Node that `npm ci` installed with it, and starts that.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/main.ts')

if (Number.parseInt(process.versions.node, 10) >= 24) await import(new URL('../src/main.ts', import.meta.url).href)
else handOver(newerNode())

function newerNode() {
  const platforms = { linux: 'linux', win32: 'win' }
  const name = `node-${platforms[process.platform]}-${process.arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return refuse(
      `commitments-audit needs Node 24 or later, and this is ${process.version}. "npm ci" brings one on Linux and on Windows; elsewhere ` +
        'install Node 24 yourself.',
    )
  }
}

function refuse(sentence) {
  console.error(sentence)
  return process.exit(1)
}

function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}
