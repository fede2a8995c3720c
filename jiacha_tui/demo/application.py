"""The embedded port as one ASGI application: its routes, and a readable response to every error."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jiacha_tui.demo import refusals
from jiacha_tui.demo.http_bodies import json_response, response_frame
from jiacha_tui.demo.login import LOGIN_PATH, PIN_SCRIPT_PATH, SERVICE_PATH, SESSION_CALL, LoginHandler
from jiacha_tui.demo.refusals import ResponseCode
from jiacha_tui.demo.service import Service


def make_application(login: LoginHandler, service: Service) -> Starlette:
    """The routes of the login under `/cas/` and of the service under `/rtxwebserver/`."""
    return Starlette(
        routes=[
            Route(LOGIN_PATH, login.show, methods=["GET"]),
            Route(LOGIN_PATH, login.submit, methods=["POST"]),
            Route(PIN_SCRIPT_PATH, login.send_pin_script, methods=["GET"]),
            Route(SERVICE_PATH + SESSION_CALL, service.get_session, methods=["GET", "POST"]),
            Route(SERVICE_PATH + "menuType", service.menu, methods=["GET"]),
            *(
                Route(SERVICE_PATH + path, call, methods=[method])
                for path, call, method in (
                    ("sw/rtx/billDownload/queryEntryIdBill", service.list_declarations, "POST"),
                    ("sw/rtx/billDownload/downloadXml", service.download, "POST"),
                    ("sw/rtx/decDetail/viewDetail", service.detail, "POST"),
                    ("sw/rtx/decDetail/preview/{which}", service.preview, "GET"),
                    ("sw/rtx/send1", service.resend, "POST"),
                )
            ),
        ],
        exception_handlers={HTTPException: _no_route, Exception: _failed},
    )


def _no_route(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return json_response(response_frame(ResponseCode.NO_ROUTE, message=refusals.NO_SUCH_ROUTE), status)


def _failed(_: Request, __: Exception) -> Response:
    """The response to a defect of this port: a message for the operator, never a traceback."""
    return json_response(response_frame(ResponseCode.FAILED, message=refusals.FAILED), 500)
