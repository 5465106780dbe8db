import requests


class NoSuchCustomer(Exception):
    pass


class BadAnswer(requests.RequestException):
    """The API answered 200 with something that is not a report."""


class ReportClient:
    """Raises NoSuchCustomer, or requests.RequestException for all other failures."""

    def __init__(self, base):
        self.base = base
        self.session = requests.Session()

    def _get(self, customer_id, suffix, key):
        r = self.session.get(f"{self.base}/customers/{customer_id}{suffix}", timeout=(3, 30))
        if r.status_code == 404:
            raise NoSuchCustomer(customer_id)
        r.raise_for_status()
        try:
            return r.json()[key]
        except (KeyError, TypeError) as exc:
            raise BadAnswer(f"no {key!r} in the answer", response=r) from exc

    def fetch_rows(self, customer_id):
        return self._get(customer_id, "/rows", "rows")

    def email_of(self, customer_id):
        return self._get(customer_id, "", "email")
