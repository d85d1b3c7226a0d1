import { enableCompileCache } from 'node:module'
import process from 'node:process'
import { installMissing } from './node-22/install-missing.ts'

/* The process behind `cox up -d` and behind commands that need a daemon for themselves. */
enableCompileCache()
installMissing()
const { runDaemon } = await import('./run-daemon.ts')
await runDaemon(process.argv.slice(2))
