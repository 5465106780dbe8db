"""Tokens, signatures, passwords, and data that must fit a schema."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, call, classes, library, methods

_TOKENS = library(
    "tokens and passwords",
    calls=(
        call("jwt.decode", "jwt.InvalidTokenError", PEER, depends_on="0 jwt"),
        call("jwt.get_unverified_header jwt.decode_complete", "jwt.InvalidTokenError", PEER, depends_on="0 jwt"),
        classes("jwt.PyJWKClient"),
        call(
            "jwt.PyJWKClient.get_signing_key_from_jwt jwt.PyJWKClient.get_signing_key",
            "jwt.PyJWTError",
            PEER,
        ),
        methods(
            "jose.jwt",
            "decode get_unverified_header get_unverified_claims",
            "jose.JWTError",
            PEER,
            depends_on="0 token",
        ),
        classes(
            "itsdangerous.URLSafeTimedSerializer itsdangerous.URLSafeSerializer itsdangerous.TimestampSigner "
            "itsdangerous.Signer"
        ),
        call(
            "itsdangerous.URLSafeTimedSerializer.loads itsdangerous.URLSafeSerializer.loads",
            "itsdangerous.BadData",
            PEER,
            depends_on="0 s",
        ),
        call(
            "itsdangerous.TimestampSigner.unsign itsdangerous.Signer.unsign",
            "itsdangerous.BadSignature",
            PEER,
            depends_on="0 signed_value",
        ),
        call(
            "cryptography.fernet.Fernet", "ValueError", PEER, depends_on="0 key", returns="cryptography.fernet.Fernet"
        ),
        call("cryptography.fernet.Fernet.decrypt", "cryptography.fernet.InvalidToken", PEER, depends_on="0 token"),
        classes("cryptography.fernet.MultiFernet cryptography.hazmat.primitives.ciphers.aead.AESGCM"),
        call("cryptography.fernet.MultiFernet.decrypt", "cryptography.fernet.InvalidToken", PEER, depends_on="0 msg"),
        call(
            "cryptography.hazmat.primitives.ciphers.aead.AESGCM.decrypt",
            "cryptography.exceptions.InvalidTag",
            PEER,
            depends_on="0 1 nonce data",
        ),
        methods(
            "cryptography.hazmat.primitives.serialization",
            "load_pem_private_key load_pem_public_key load_der_public_key load_der_private_key load_ssh_public_key",
            "ValueError",
            PEER,
            depends_on="0 data",
        ),
        call("cryptography.x509.load_pem_x509_certificate", "ValueError", PEER, depends_on="0 data"),
        classes("argon2.PasswordHasher"),
        # A wrong password is an exception here, not False.
        call("argon2.PasswordHasher.verify", "argon2.exceptions.VerificationError", PEER),
    ),
    exceptions="""
        cryptography.fernet.InvalidToken < Exception
        jose.exceptions.JWTClaimsError < jose.JWTError
        jwt:
        PyJWTError < Exception
        InvalidTokenError PyJWKClientError InvalidKeyError PyJWKError PyJWKSetError < PyJWTError
        DecodeError ExpiredSignatureError InvalidAudienceError InvalidIssuerError < InvalidTokenError
        ImmatureSignatureError InvalidAlgorithmError MissingRequiredClaimError < InvalidTokenError
        InvalidIssuedAtError < InvalidTokenError
        InvalidSignatureError < DecodeError
        PyJWKClientConnectionError < PyJWKClientError
        jose:
        JOSEError < Exception
        JWTError JWSError < JOSEError
        ExpiredSignatureError < JWTError
        itsdangerous:
        BadData < Exception
        BadSignature BadPayload < BadData
        BadTimeSignature < BadSignature
        SignatureExpired < BadTimeSignature
        argon2.exceptions:
        Argon2Error < Exception
        VerificationError HashingError < Argon2Error
        VerifyMismatchError < VerificationError
        InvalidHashError < ValueError
        cryptography.exceptions:
        InvalidTag InvalidSignature InvalidKey < Exception
    """,
    aliases="""
        jwt.exceptions jwt.api_jwt = jwt
        jwt.PyJWT.decode = jwt.decode
        jose.exceptions.JWTError jose.jwt.JWTError = jose.JWTError
        jose.exceptions.JOSEError = jose.JOSEError
        jose.exceptions.JWSError = jose.JWSError
        jose.exceptions.ExpiredSignatureError jose.jwt.ExpiredSignatureError = jose.ExpiredSignatureError
        jose.jwt.JWTClaimsError = jose.exceptions.JWTClaimsError
        itsdangerous.exc = itsdangerous
        itsdangerous.url_safe.URLSafeTimedSerializer = itsdangerous.URLSafeTimedSerializer
        itsdangerous.TimedJSONWebSignatureSerializer = itsdangerous.URLSafeTimedSerializer
        argon2.exceptions.InvalidHash = argon2.exceptions.InvalidHashError
    """,
)

_SCHEMAS = library(
    "schemas",
    calls=(
        call("jsonschema.validate", "jsonschema.ValidationError", PEER, depends_on="0 instance"),
        call(
            "jsonschema.Draft7Validator jsonschema.Draft202012Validator jsonschema.Draft4Validator",
            returns="jsonschema.Validator",
        ),
        call("jsonschema.Validator.validate", "jsonschema.ValidationError", PEER, depends_on="0 instance"),
        # The call of a model is the one that checks its data.
        call("pydantic.BaseModel", "pydantic.ValidationError", PEER, depends_on="*"),
        *(
            row
            for owner in ("pydantic.BaseModel", "*")
            for row in (
                methods(owner, "model_validate parse_obj", "pydantic.ValidationError", PEER, depends_on="0 obj"),
                methods(owner, "model_validate_json parse_raw", "pydantic.ValidationError", PEER, "0 json_data b"),
            )
        ),
        classes("pydantic.TypeAdapter"),
        methods(
            "pydantic.TypeAdapter",
            "validate_python validate_json",
            "pydantic.ValidationError",
            PEER,
            depends_on="0 object data",
        ),
        call("pydantic.parse_obj_as", "pydantic.ValidationError", PEER, depends_on="1 obj"),
        call("pydantic_settings.BaseSettings", "pydantic.ValidationError", RARE),
        methods("marshmallow.Schema", "load loads", "marshmallow.ValidationError", PEER, depends_on="0 data json_data"),
        classes("marshmallow.Schema"),
        call("cattrs.structure cattr.structure", "cattrs.BaseValidationError", PEER, depends_on="0 obj"),
        classes("voluptuous.Schema schema.Schema"),
        call("voluptuous.Schema.__call__", "voluptuous.Invalid", PEER, depends_on="0"),
        call("schema.Schema.validate", "schema.SchemaError", PEER, depends_on="0 data"),
        call("fastjsonschema.validate", "fastjsonschema.JsonSchemaException", PEER, depends_on="1 data"),
        methods("msgspec", "json.decode msgpack.decode yaml.decode toml.decode", "msgspec.MsgspecError", PEER, "0"),
        call("msgspec.convert", "msgspec.ValidationError", PEER, depends_on="0 obj"),
        call("dacite.from_dict", "dacite.DaciteError", PEER, depends_on="1 data"),
        call("email_validator.validate_email", "email_validator.EmailNotValidError", PEER, depends_on="0 email"),
        call("phonenumbers.parse", "phonenumbers.NumberParseException", PEER, depends_on="0 number"),
    ),
    exceptions="""
        jsonschema.ValidationError jsonschema.SchemaError phonenumbers.NumberParseException < Exception
        marshmallow.exceptions.MarshmallowError < Exception
        pydantic.ValidationError < ValueError
        marshmallow.ValidationError < marshmallow.exceptions.MarshmallowError
        schema.SchemaError dacite.DaciteError msgspec.MsgspecError < Exception
        fastjsonschema.JsonSchemaException < ValueError
        fastjsonschema.JsonSchemaValueException < fastjsonschema.JsonSchemaException
        msgspec.DecodeError < msgspec.MsgspecError ValueError
        msgspec.ValidationError < msgspec.DecodeError
        voluptuous:
        Error < Exception
        Invalid < Error
        MultipleInvalid < Invalid
        cattrs:
        BaseValidationError < ExceptionGroup
        ClassValidationError IterableValidationError < BaseValidationError
        email_validator:
        EmailNotValidError < ValueError
        EmailSyntaxError EmailUndeliverableError < EmailNotValidError
    """,
    aliases="""
        jsonschema.exceptions.ValidationError = jsonschema.ValidationError
        jsonschema.exceptions.SchemaError = jsonschema.SchemaError
        jsonschema.validators.Draft7Validator = jsonschema.Draft7Validator
        pydantic.error_wrappers.ValidationError pydantic_core.ValidationError = pydantic.ValidationError
        pydantic.v1.ValidationError = pydantic.ValidationError
        pydantic.v1.BaseModel pydantic.main.BaseModel = pydantic.BaseModel
        pydantic.BaseSettings = pydantic_settings.BaseSettings
        sqlmodel.SQLModel = pydantic.BaseModel
        marshmallow.exceptions.ValidationError = marshmallow.ValidationError
        cattrs.errors = cattrs
        voluptuous.error = voluptuous
        dacite.exceptions = dacite
        fastjsonschema.exceptions = fastjsonschema
        email_validator.exceptions = email_validator
        phonenumbers.phonenumberutil = phonenumbers
    """,
)

LIBRARIES = (_TOKENS, _SCHEMAS)
