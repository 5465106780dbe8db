"""Object-relational mappers: SQLAlchemy with its relatives, Django, Peewee, Tortoise."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, but, call, classes, library, methods, rather

_QUERY_STEPS = (
    "filter filter_by where order_by join outerjoin options limit offset distinct group_by having select_from "
    "with_for_update with_entities execution_options populate_existing enable_eagerloads"
)
_SET_STEPS = (
    "filter exclude all order_by select_related prefetch_related annotate distinct only defer using values values_list "
    "select_for_update reverse none"
)

_NOT_THERE = (
    "django.core.exceptions.ObjectDoesNotExist",
    rather(RARE, "django.core.exceptions.MultipleObjectsReturned"),
)

_SQLALCHEMY = library(
    "sqlalchemy",
    calls=(
        call("sqlalchemy.create_engine", returns="sqlalchemy.Engine"),
        methods(
            "sqlalchemy.Engine",
            "connect begin",
            "sqlalchemy.exc.SQLAlchemyError",
            USER,
            returns="sqlalchemy.Connection",
        ),
        call("sqlalchemy.Engine.raw_connection", "sqlalchemy.exc.SQLAlchemyError", USER),
        methods(
            "sqlalchemy.Connection",
            "execute exec_driver_sql stream",
            "sqlalchemy.exc.SQLAlchemyError",
            RARE,
            returns="sqlalchemy.Result",
        ),
        methods("sqlalchemy.Connection", "scalar commit run_sync begin", "sqlalchemy.exc.SQLAlchemyError", RARE),
        call("sqlalchemy.Connection.scalars", "sqlalchemy.exc.SQLAlchemyError", RARE, returns="sqlalchemy.Result"),
        methods("sqlalchemy.Result", "scalars mappings unique tuples partitions", returns="sqlalchemy.Result"),
        methods("sqlalchemy.Result", "one scalar_one", "sqlalchemy.exc.NoResultFound", PEER),
        methods(
            "sqlalchemy.Result",
            "one_or_none scalar_one_or_none",
            "sqlalchemy.exc.MultipleResultsFound",
            RARE,
        ),
        classes("sqlalchemy.orm.Session sqlalchemy.orm.sessionmaker"),
        call(
            "sqlalchemy.orm.sessionmaker.__call__ sqlalchemy.orm.sessionmaker.begin",
            returns="sqlalchemy.orm.Session",
        ),
        call("sqlalchemy.orm.scoped_session", returns="sqlalchemy.orm.Session"),
        call("sqlalchemy.orm.Session.query", returns="sqlalchemy.orm.Query"),
        methods(
            "sqlalchemy.orm.Session",
            "execute scalars exec stream stream_scalars",
            "sqlalchemy.exc.SQLAlchemyError",
            RARE,
            returns="sqlalchemy.Result",
        ),
        methods(
            "sqlalchemy.orm.Session",
            "commit flush scalar get refresh merge delete bulk_save_objects bulk_insert_mappings connection",
            "sqlalchemy.exc.SQLAlchemyError",
            RARE,
        ),
        call("sqlalchemy.orm.Session.get_one", "sqlalchemy.exc.NoResultFound", PEER, since="2.0.22"),
        methods("sqlalchemy.orm.Query", _QUERY_STEPS, returns="sqlalchemy.orm.Query"),
        call("sqlalchemy.orm.Query.one", "sqlalchemy.exc.NoResultFound", PEER),
        call("sqlalchemy.orm.Query.one_or_none", "sqlalchemy.exc.MultipleResultsFound", RARE),
        methods(
            "sqlalchemy.orm.Query",
            "all first get count scalar exists update delete",
            "sqlalchemy.exc.SQLAlchemyError",
            RARE,
        ),
        call("flask_sqlalchemy.SQLAlchemy.Model.query", returns="sqlalchemy.orm.Query"),
        classes("flask_sqlalchemy.SQLAlchemy"),
        call("flask_sqlalchemy.SQLAlchemy.session", returns="sqlalchemy.orm.Session"),
        call("flask_sqlalchemy.SQLAlchemy.engine", returns="sqlalchemy.Engine"),
        call("sqlalchemy.MetaData.create_all sqlalchemy.MetaData.reflect", "sqlalchemy.exc.SQLAlchemyError", USER),
        classes("sqlalchemy.MetaData"),
        call("sqlalchemy.inspect", "sqlalchemy.exc.SQLAlchemyError", RARE),
    ),
    exceptions="""
        sqlalchemy.orm.exc.StaleDataError < sqlalchemy.exc.SQLAlchemyError
        sqlalchemy.orm.exc.ObjectDeletedError < sqlalchemy.exc.InvalidRequestError
        sqlalchemy.exc:
        SQLAlchemyError < Exception
        StatementError InvalidRequestError ArgumentError CompileError TimeoutError < SQLAlchemyError
        DisconnectionError < SQLAlchemyError
        DBAPIError < StatementError
        InterfaceError DatabaseError < DBAPIError
        DataError OperationalError IntegrityError InternalError ProgrammingError < DatabaseError
        NotSupportedError < DatabaseError
        NoResultFound MultipleResultsFound NoSuchTableError PendingRollbackError < InvalidRequestError
        ResourceClosedError < InvalidRequestError
    """,
    aliases="""
        sqlalchemy.orm.exc.NoResultFound = sqlalchemy.exc.NoResultFound
        sqlalchemy.orm.exc.MultipleResultsFound = sqlalchemy.exc.MultipleResultsFound
        sqlalchemy.ext.asyncio.create_async_engine sqlmodel.create_engine = sqlalchemy.create_engine
        sqlalchemy.engine.create_engine = sqlalchemy.create_engine
        sqlalchemy.ext.asyncio.AsyncEngine sqlalchemy.engine.Engine sqlalchemy.engine.base.Engine = sqlalchemy.Engine
        sqlalchemy.ext.asyncio.AsyncConnection sqlalchemy.engine.Connection = sqlalchemy.Connection
        sqlalchemy.engine.base.Connection sqlalchemy.future.Connection = sqlalchemy.Connection
        sqlalchemy.ext.asyncio.AsyncSession sqlalchemy.orm.session.Session sqlmodel.Session = sqlalchemy.orm.Session
        sqlmodel.ext.asyncio.session.AsyncSession = sqlalchemy.orm.Session
        sqlalchemy.ext.asyncio.async_sessionmaker = sqlalchemy.orm.sessionmaker
        sqlalchemy.ext.asyncio.async_scoped_session = sqlalchemy.orm.scoped_session
        sqlalchemy.orm.query.Query = sqlalchemy.orm.Query
        sqlalchemy.engine.Result sqlalchemy.engine.CursorResult sqlalchemy.ScalarResult = sqlalchemy.Result
        sqlalchemy.schema.MetaData flask_sqlalchemy.SQLAlchemy.metadata = sqlalchemy.MetaData
    """,
)

_DJANGO = library(
    "django",
    calls=(
        call("django.db.models.Model.objects", returns="django.db.models.QuerySet"),
        call("django.contrib.auth.get_user_model", returns="django.db.models.Model"),
        *(
            row
            for owner in ("django.db.models.QuerySet", "*.objects")
            for row in (
                methods(owner, _SET_STEPS, returns="django.db.models.QuerySet"),
                methods(owner, "get aget", _NOT_THERE, PEER, depends_on="*"),
                methods(owner, "latest earliest", _NOT_THERE, RARE),
                methods(owner, "create bulk_create acreate", "django.db.IntegrityError", RARE),
            )
        ),
        call(
            "django.core.mail.send_mail django.core.mail.send_mass_mail",
            (but("smtplib.SMTPException", "fail_silently", "True"), but("OSError", "fail_silently", "True")),
            PEER,
        ),
        classes("django.core.mail.EmailMessage django.core.mail.EmailMultiAlternatives"),
        methods(
            "django.core.mail",
            "EmailMessage.send EmailMultiAlternatives.send mail_admins mail_managers",
            "smtplib.SMTPException OSError",
            PEER,
        ),
        call("django.core.signing.loads", "django.core.signing.BadSignature", PEER, depends_on="0 s"),
        call("django.core.signing.Signer django.core.signing.TimestampSigner", returns="django.core.signing.Signer"),
        call(
            "django.core.signing.Signer.unsign", "django.core.signing.BadSignature", PEER, depends_on="0 signed_value"
        ),
        call(
            "django.core.validators.validate_email",
            "django.core.exceptions.ValidationError",
            PEER,
            depends_on="0 value",
        ),
        methods("django.urls", "resolve", "django.urls.Resolver404", PEER, depends_on="0 path"),
    ),
    exceptions="""
        django.core.signing.BadSignature django.http.Http404 django.urls.NoReverseMatch < Exception
        django.core.signing.SignatureExpired < django.core.signing.BadSignature
        django.urls.Resolver404 < django.http.Http404
        django.core.exceptions:
        ObjectDoesNotExist MultipleObjectsReturned ValidationError ImproperlyConfigured < Exception
        PermissionDenied SuspiciousOperation < Exception
        django.db:
        Error < Exception
        InterfaceError DatabaseError < Error
        DataError OperationalError IntegrityError InternalError ProgrammingError < DatabaseError
        NotSupportedError < DatabaseError
    """,
    aliases="""
        *.DoesNotExist = django.core.exceptions.ObjectDoesNotExist
        *.MultipleObjectsReturned = django.core.exceptions.MultipleObjectsReturned
        django.db.utils = django.db
        django.db.models.query.QuerySet django.db.models.Manager = django.db.models.QuerySet
        django.db.models.base.Model django.contrib.auth.models.User = django.db.models.Model
        django.contrib.auth.models.AbstractUser django.contrib.auth.models.AbstractBaseUser = django.db.models.Model
        django.contrib.auth.models.Group django.contrib.auth.models.Permission = django.db.models.Model
        django.contrib.sites.models.Site django.contrib.contenttypes.models.ContentType = django.db.models.Model
        django.core.mail.message.EmailMessage = django.core.mail.EmailMessage
        django.forms.ValidationError = django.core.exceptions.ValidationError
        django.urls.exceptions = django.urls
        django.http.response.Http404 = django.http.Http404
    """,
)

_OTHERS = library(
    "further mappers",
    calls=(
        classes("peewee.SqliteDatabase peewee.PostgresqlDatabase peewee.MySQLDatabase"),
        call(
            "peewee.PostgresqlDatabase.connect peewee.MySQLDatabase.connect",
            "peewee.OperationalError",
            PEER,
        ),
        methods("peewee.SqliteDatabase", "connect execute_sql create_tables", "peewee.PeeweeException", RARE),
        methods("peewee.Model", "get get_by_id", "peewee.DoesNotExist", PEER),
        methods("peewee.Model", "create save", "peewee.IntegrityError", RARE),
        methods("tortoise.models.Model", "get", "tortoise.exceptions.DoesNotExist", PEER),
        methods("tortoise.models.Model", "create save", "tortoise.exceptions.IntegrityError", RARE),
        call("tortoise.Tortoise.init", "tortoise.exceptions.BaseORMException", USER),
    ),
    exceptions="""
        tortoise.exceptions:
        BaseORMException < Exception
        OperationalError < BaseORMException
        IntegrityError NotExistOrMultiple < OperationalError
        DoesNotExist MultipleObjectsReturned < NotExistOrMultiple
        DBConnectionError < BaseORMException ConnectionError
        peewee:
        PeeweeException DoesNotExist < Exception
        DatabaseError InterfaceError ImproperlyConfigured < PeeweeException
        DataError IntegrityError InternalError OperationalError ProgrammingError < DatabaseError
        NotSupportedError < DatabaseError
    """,
    aliases="""
        peewee.DoesNotExist peewee.Model.DoesNotExist = peewee.DoesNotExist
        tortoise.exceptions.DoesNotExist = tortoise.exceptions.DoesNotExist
        tortoise.exceptions.MultipleObjectsReturned = tortoise.exceptions.MultipleObjectsReturned
        tortoise.Model = tortoise.models.Model
        playhouse.postgres_ext.PostgresqlExtDatabase = peewee.PostgresqlDatabase
    """,
)

LIBRARIES = (_SQLALCHEMY, _DJANGO, _OTHERS)
