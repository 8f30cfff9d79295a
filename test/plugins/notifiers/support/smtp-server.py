"""A mail server for tests, made of aiosmtpd: says its port, then one line of JSON for each mail that it takes."""
import argparse, asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

options = argparse.ArgumentParser()
options.add_argument("--security", default="none")
options.add_argument("--cert")
options.add_argument("--key")
options.add_argument("--user")
options.add_argument("--password")
options.add_argument("--only", default="")
given = options.parse_args()
seen = {}


def say(**what):
    print(json.dumps(what), flush=True)


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if address.startswith("banned@"):
            return "550 5.7.1 not you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        seen[address] = seen.get(address, 0) + 1
        if address.startswith("never@") or (address.startswith("busy@") and seen[address] == 1):
            return "550 5.1.1 no such user" if address.startswith("never@") else "451 4.2.2 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        say(
            mail=envelope.content.decode("latin1"),
            to=envelope.rcpt_tos,
            sender=envelope.mail_from,
            encrypted=session.ssl is not None or given.security == "tls",
            user=getattr(session, "who", None),
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    if not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    session.who = data.login.decode()
    good = data.login.decode() == given.user and data.password.decode() == given.password
    return AuthResult(success=good, handled=good)


async def main():
    context = None
    if given.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.cert, given.key)

    def factory():
        return SMTP(
            Handler(),
            tls_context=context if given.security == "starttls" else None,
            require_starttls=given.security == "starttls",
            authenticator=authenticate if given.user else None,
            auth_required=bool(given.user),
            auth_require_tls=given.security == "starttls",
            auth_exclude_mechanism=[m for m in ("LOGIN", "PLAIN") if given.only and m != given.only],
        )

    loop = asyncio.get_running_loop()
    secure = context if given.security == "tls" else None
    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=secure)
    say(port=server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
