import { expect, it } from 'vitest'
import { dayProblem } from './day.ts'

it('knows the days of the calendar', () => {
  expect(['2027-02-28', '2028-02-29', '0001-01-01', '9999-12-31'].map(dayProblem)).toEqual([null, null, null, null])
  expect(['2027-02-29', '2027-02-31', '2099-99-99', '2020-13-45', '2027-00-10'].map(dayProblem)).toEqual(
    ['2027-02-29', '2027-02-31', '2099-99-99', '2020-13-45', '2027-00-10'].map((day) => `the calendar has no day ${day}`),
  )
  expect(['2027-1-1', '', ' 2027-01-01', '2027-01-01T00:00'].map(dayProblem)).toEqual(
    Array(4).fill('write the day as yyyy-mm-dd'),
  )
})
