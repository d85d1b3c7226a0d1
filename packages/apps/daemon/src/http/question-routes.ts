import { CoxError, redact } from '@coxswain/kernel'
import type { Actor, Run } from '@coxswain/model'
import { AskParams, type AskResponse } from '@coxswain/protocol'
import type { Store } from '@coxswain/store'
import { z } from 'zod'
import type { DaemonContext } from './daemon-context.ts'
import type { Door } from './door.ts'
import { parseBody } from './parse-body.ts'
import { findRun } from './run-routes.ts'

/** More would be noise, and rows for ever. */
const mostQuestions = 20

/** What the agent of a run asks its person: written into the run's story, and nothing else comes of it by itself. */
export function questionRoutes({ on }: Door, { store }: Pick<DaemonContext, 'store'>): void {
  let before: Promise<unknown> = Promise.resolve()
  on('POST /v1/runs/:run/questions', async (request) => {
    const { text } = await parseBody(request, AskParams)
    const run = await findRun({ store }, request.req.param('run'))
    // One after the other, so that each has a number of its own: all of a run come through one process.
    const asking = before.then(() => ask(store, run, { text, actor: request.get('actor') }))
    before = asking.catch(() => {}) // it is told to the one who asked
    return request.json({ left: mostQuestions - (await asking) } satisfies AskResponse, 201)
  })
}

const questionEvent = 'question-asked'
const Numbered = z.object({ number: z.number() })

async function ask(store: Store, run: Run, { text, actor }: { readonly text: string; readonly actor: Actor }): Promise<number> {
  const last = Numbered.safeParse((await store.events.newest({ run: run.id, names: [questionEvent] }))?.data)
  const number = (last.data?.number ?? 0) + 1
  if (number > mostQuestions)
    throw new CoxError('QUESTIONS_SPENT', `${run.id} has asked ${mostQuestions} questions already`, {
      hint: 'End the turn and say what is unclear: a person reads it.',
    })
  await store.events.append([{ name: questionEvent, run: run.id, task: run.task, data: { number, text: redact(text), actor } }])
  return number
}
