import { render } from 'preact'
import { Board } from './board.tsx'
import { startBeat } from './data/connection.ts'
import { rememberAtMost } from './data/memory.ts'
import { startVocabulary } from './data/vocabulary.ts'
import { startLive } from './live/one-stream.ts'
import { startVisit } from './live/visits.ts'
import { startTheme } from './reader/theme.ts'
import { speakPreferred } from './texts/reader.ts'
import { place, startNavigation } from './url/location.ts'

startTheme()
await speakPreferred()
startVocabulary()
startNavigation()
startBeat()
startVisit()
const isWall = place.peek().page.name === 'wall'
// It is open for weeks, and its requests change with what is recorded.
if (isWall) rememberAtMost(20)
startLive(isWall)
const frame = document.getElementById('board')
if (frame !== null) render(<Board />, frame)
