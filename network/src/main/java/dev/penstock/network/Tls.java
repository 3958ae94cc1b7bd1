package dev.penstock.network;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The certificate that a node or a client shows, and the authorities whose certificates it believes.
 *
 * <p>A certificate tells who somebody is by a subject alternative name that is a URI: {@code penstock://CLUSTER/NODE} for a
 * node, {@code penstock://CLUSTER/client/NAME} for a client. Host names play no part: what is connected to is a node, on
 * whatever host it runs. {@code ./penstock cert} makes such certificates.
 */
public final class Tls {

    private static final String SCHEME = "penstock://";
    private static final int URI_NAME = 6; // in X509Certificate.getSubjectAlternativeNames

    private final KeyManager[] keyManagers;
    private final X509ExtendedTrustManager authorities;
    private final X509Certificate certificate;

    private Tls(KeyManager[] keyManagers, X509ExtendedTrustManager authorities, X509Certificate certificate) {
        this.keyManagers = keyManagers;
        this.authorities = authorities;
        this.certificate = certificate;
    }

    /**
     * Reads two PKCS#12 files. The passwords are not kept.
     *
     * @param keyStore holds the key and the certificate of this node or client, and nothing else
     * @param password of the key store and of the key
     * @param trustStore holds the certificates of the authorities
     * @param trustPassword of the trust store
     * @return what they hold
     * @throws IllegalArgumentException if a file cannot be read, a password is wrong, or what is needed is not in there; or if
     *     the certificate has expired, is not valid yet, or names no node or client
     */
    public static Tls of(Path keyStore, char[] password, Path trustStore, char[] trustPassword) {
        try {
            KeyStore own = load("key store", keyStore, password);
            X509Certificate certificate = certificate(own, keyStore);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, password);
            return new Tls(
                    keys.getKeyManagers(),
                    authorities(load("trust store", trustStore, trustPassword), trustStore),
                    certificate);
        } catch (UnrecoverableKeyException e) {
            throw new IllegalArgumentException("key store " + keyStore + ": the key has another password", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("key store " + keyStore + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore load(String what, Path file, char[] password) throws GeneralSecurityException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(what + " " + file + ": no such file");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
        } catch (IOException e) {
            boolean wrongPassword = e.getCause() instanceof UnrecoverableKeyException;
            String why = wrongPassword ? "wrong password" : "not a readable PKCS#12 file: " + e.getMessage();
            throw new IllegalArgumentException(what + " " + file + ": " + why, e);
        }
        return store;
    }

    private static X509Certificate certificate(KeyStore store, Path file) throws GeneralSecurityException {
        List<String> keys = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                keys.add(alias);
            }
        }
        if (keys.size() != 1) {
            throw new IllegalArgumentException("key store " + file + ": holds "
                    + (keys.isEmpty() ? "no key" : "keys " + keys + ", where one is expected"));
        }
        X509Certificate certificate = (X509Certificate) store.getCertificate(keys.get(0));
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new IllegalArgumentException(
                    "key store " + file + ": the certificate has expired at " + end(certificate), e);
        } catch (CertificateNotYetValidException e) {
            throw new IllegalArgumentException(
                    "key store " + file + ": the certificate is valid only from "
                            + certificate.getNotBefore().toInstant(),
                    e);
        }
        if (names(certificate).isEmpty()) {
            throw new IllegalArgumentException("key store " + file
                    + ": the certificate has no alternative name such as penstock://CLUSTER/NODE or"
                    + " penstock://CLUSTER/client/NAME");
        }
        return certificate;
    }

    private static X509ExtendedTrustManager authorities(KeyStore store, Path file) throws GeneralSecurityException {
        boolean any = false;
        for (String alias : Collections.list(store.aliases())) {
            any |= store.isCertificateEntry(alias);
        }
        if (!any) {
            throw new IllegalArgumentException("trust store " + file + ": holds no trusted certificate");
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new IllegalStateException("this Java has no X509ExtendedTrustManager");
    }

    private static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }

    // ---- names

    /**
     * Tells whom a certificate names, whether or not it can be believed.
     *
     * @param certificate a certificate
     * @return its names that begin with {@code penstock://}
     */
    public static Set<String> names(X509Certificate certificate) {
        Set<String> names = new LinkedHashSet<>();
        try {
            var alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    if ((int) alternative.get(0) == URI_NAME
                            && alternative.get(1) instanceof String name
                            && name.startsWith(SCHEME)) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return Set.of(); // it names nobody
        }
        return Collections.unmodifiableSet(names);
    }

    /**
     * {@return the name of a node in its certificate}
     *
     * @param cluster its cluster
     * @param node the node
     */
    public static String member(String cluster, String node) {
        return SCHEME + cluster + "/" + node;
    }

    /**
     * {@return the name of a client in its certificate}
     *
     * @param cluster the cluster that it talks to
     * @param name the client
     */
    public static String client(String cluster, String name) {
        return SCHEME + cluster + "/client/" + name;
    }

    // ---- for this module's own use

    /**
     * Makes a context for links: who accepts one talks to the members and clients of a cluster, who dials to its members. For
     * the module's own use.
     *
     * @param cluster the cluster
     * @return a new context, the protocols of which are still to be set on what it makes
     */
    public SSLContext linkContext(String cluster) {
        return contextOf(new Judge(authorities, cluster, true));
    }

    /**
     * Makes a context that lets in members of a cluster only, whichever side they are on. For the module's own use.
     *
     * @param cluster the cluster
     * @return a new context, the protocols of which are still to be set on what it makes
     */
    public SSLContext context(String cluster) {
        return contextOf(new Judge(authorities, cluster, false));
    }

    private SSLContext contextOf(TrustManager judge) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keyManagers, new TrustManager[] {judge}, null);
            // A certificate is judged at each connection: no session outlives it for long.
            context.getServerSessionContext().setSessionTimeout(1);
            context.getClientSessionContext().setSessionTimeout(1);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS 1.3", e);
        }
    }

    /** Names the certificate, not the keys. */
    @Override
    public String toString() {
        return "Tls[" + String.join(", ", names(certificate)) + ", valid until " + end(certificate) + "]";
    }

    /** Believes a certificate if the authorities do and it names somebody who may be on that side. */
    private static final class Judge extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager authorities;
        private final String cluster;
        private final boolean clientsMayDial;

        Judge(X509ExtendedTrustManager authorities, String cluster, boolean clientsMayDial) {
            this.authorities = authorities;
            this.cluster = cluster;
            this.clientsMayDial = clientsMayDial;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            authorities.checkClientTrusted(chain, type, engine);
            checkDialer(chain[0]);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            authorities.checkClientTrusted(chain, type, socket);
            checkDialer(chain[0]);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            authorities.checkClientTrusted(chain, type);
            checkDialer(chain[0]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            authorities.checkServerTrusted(chain, type, engine);
            checkMember(chain[0]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            authorities.checkServerTrusted(chain, type, socket);
            checkMember(chain[0]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            authorities.checkServerTrusted(chain, type);
            checkMember(chain[0]);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authorities.getAcceptedIssuers();
        }

        private void checkDialer(X509Certificate certificate) throws CertificateException {
            if (clientsMayDial && names(certificate).stream().anyMatch(name -> isBelow(client(cluster, ""), name))) {
                return;
            }
            checkMember(certificate);
        }

        private void checkMember(X509Certificate certificate) throws CertificateException {
            Set<String> names = names(certificate);
            if (names.stream().noneMatch(name -> isBelow(member(cluster, ""), name))) {
                throw new CertificateException("the certificate is for "
                        + (names.isEmpty() ? "nobody" : String.join(", ", names)) + ", not for a "
                        + (clientsMayDial ? "node or client" : "node") + " of cluster " + cluster);
            }
        }

        /** Whether a name is a path and one step more. */
        private static boolean isBelow(String path, String name) {
            return name.startsWith(path) && name.length() > path.length() && name.indexOf('/', path.length()) < 0;
        }
    }
}
