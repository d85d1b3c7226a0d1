import { CoxError, errorMessage, explainIssues } from '@coxswain/kernel'
import type { Context } from 'hono'
import type { z } from 'zod'

export const maxBytes = 2 * 1024 * 1024

/** @throws CoxError REQUEST_INVALID */
export async function parseBody<T>(request: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await request.req.text()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(errorMessage(error))
  }
  return parseValue(value, schema)
}

/** @throws CoxError REQUEST_INVALID */
export function parseValue<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalid(explainIssues(parsed.error.issues, value))
  return parsed.data
}

export function tooLarge(): CoxError {
  return invalid('the body is larger than 2 MB')
}

function invalid(why: string): CoxError {
  return new CoxError('REQUEST_INVALID', `The request is malformed: ${why}`, {
    hint: 'Check the arguments; client and daemon should be of the same version.',
  })
}
