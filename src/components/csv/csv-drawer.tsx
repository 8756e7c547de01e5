import { Button, MessageBox } from '@adminjs/design-system'
import { type ActionProps, ViewHelpers } from 'adminjs'
import React, { useEffect, useRef } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { DrawerDialog } from '../shared/drawer-dialog.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { filtersOf } from '../shared/urls.js'
import { useTexts } from '../shared/use-texts.js'
import { useCsv } from './use-csv.js'

/** The drawer of the action `csv`: makes a file of whatever matches the list's filters, and stops when it is closed. */
const CsvDrawer: React.FC<ActionProps> = ({ resource, action }) => {
  const { say, why, button, action: nameOf } = useTexts(resource.id)
  const navigate = useNavigate()
  const { search } = useLocation()
  const dialog = useRef<HTMLElement>(null)
  const link = useRef<HTMLAnchorElement>(null)
  const { rows, url, failure, loggedOut } = useCsv(resource.id, filtersOf(search))

  useEffect(() => {
    if (url !== null) link.current?.click()
  }, [url])

  const close = () => navigate(new ViewHelpers().resourceUrl({ resourceId: resource.id, search }))

  return (
    <DrawerDialog dialog={dialog} title={nameOf(action.label)} closeLabel={button('close')} onClose={close}>
      {loggedOut ? <LoggedOutNote resourceId={resource.id} /> : null}
      {failure !== null ? (
        <MessageBox mb="lg" variant="danger" message={say('csvFailed')}>
          {why(failure)}
        </MessageBox>
      ) : null}
      <p role="status">{say(url === null ? 'csvGoing' : 'csvReady', { count: rows })}</p>
      {url !== null ? (
        <a ref={link} href={url} download={`${resource.id}.csv`} style={{ color: 'inherit' }}>
          {say('csvSave')}
        </a>
      ) : null}
      <Button type="button" mt="xl" variant="light" color="text" onClick={close}>
        {button('close')}
      </Button>
    </DrawerDialog>
  )
}

export default CsvDrawer
