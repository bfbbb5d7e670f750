import { cloud } from '../lab.ts'

/** Raises the cloud before the tests, and takes it down again when it was down before. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const before = await cloud('status').catch(() => '')
  await cloud('up')
  if (before !== '') return undefined
  return async () => {
    await cloud('down')
  }
}
