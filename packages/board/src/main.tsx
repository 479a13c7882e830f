import { createClient } from '@commitments/client'
import { signal } from '@preact/signals'
import { render } from 'preact'
import { LocationProvider, Route, Router } from 'preact-iso/router'
import { bar } from './bars.ts'
import { readShell } from './shell.ts'

const { base, reading } = readShell()
const byStage = signal<readonly (readonly [string, number])[]>([])

function Overview() {
  const largest = Math.max(...byStage.value.map(([, count]) => count))
  return (
    <ul>
      {byStage.value.map(([stage, count]) => (
        <li key={stage}>
          <svg viewBox="0 0 100 8" width="100" height="8" aria-hidden="true">
            <path d={bar(count, largest)} stroke="currentColor" stroke-width="8" />
          </svg>{' '}
          <a href={`${base}/proposals?stage=${stage}`}>
            {count} {stage}
          </a>
        </li>
      ))}
    </ul>
  )
}

function Board() {
  return (
    <LocationProvider>
      <main>
        <h1>Commitments</h1>
        {reading === 'key' ? <p>Reading needs a key here.</p> : null}
        <Router>
          <Route path={`${base}/`} component={Overview} />
          <Route default component={Overview} />
        </Router>
      </main>
    </LocationProvider>
  )
}

const place = document.getElementById('board')
if (place !== null) render(<Board />, place)

if (reading === 'public') {
  const here = new URL(base, location.origin)
  const { portfolio } = createClient({ projectionUrl: here, commandUrl: here })
  byStage.value = Object.entries((await portfolio()).value.byStage)
}
