import { render } from 'preact'
import { Board } from './board.tsx'
import { startBeat } from './data/connection.ts'
import { startVocabulary } from './data/vocabulary.ts'
import { startLive } from './live/one-stream.ts'
import { startTheme } from './reader/theme.ts'
import { startVisit } from './reader/visits.ts'
import { speakPreferred } from './texts/reader.ts'
import { startNavigation } from './url/location.ts'

startTheme()
await speakPreferred()
startVocabulary()
startNavigation()
startBeat()
startVisit()
startLive(false)
const place = document.getElementById('board')
if (place !== null) render(<Board />, place)
